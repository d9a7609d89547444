import type { Random } from '../../src/random.ts'

/** The same draws for the same seed, and tokens that can be told apart. */
export class SeededRandom implements Random {
  readonly #seed: number
  readonly #fixed: number | undefined
  #state: number
  #tokens = 0

  /** `fixed`: what every `fraction()` is. */
  constructor(seed: number, fixed?: number) {
    this.#seed = seed
    this.#state = seed
    this.#fixed = fixed
  }

  token(): string {
    return `token-${this.#seed}-${this.#tokens++}`
  }

  fraction(): number {
    return this.#fixed ?? this.#next()
  }

  /** An integer in [0, below). */
  below(below: number): number {
    return Math.floor(this.#next() * below)
  }

  pick<T>(from: readonly T[]): T {
    return from[this.below(from.length)] as T
  }

  /** mulberry32 */
  #next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
