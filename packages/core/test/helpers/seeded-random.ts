import type { Random } from '../../src/random.ts'
import { seededRandom } from '../../src/testing/seeded-random.ts'

/** The same draws for the same seed, and tokens that can be told apart. */
export class SeededRandom implements Random {
  readonly #random: Random
  readonly #fixed: number | undefined

  /** `fixed`: what every `fraction()` is. */
  constructor(seed: number, fixed?: number) {
    this.#random = seededRandom(seed)
    this.#fixed = fixed
  }

  token(): string {
    return this.#random.token()
  }

  fraction(): number {
    return this.#fixed ?? this.#random.fraction()
  }

  /** An integer in [0, below). */
  below(below: number): number {
    return Math.floor(this.#random.fraction() * below)
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T
  }
}
