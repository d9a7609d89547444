import { seededRandom } from '@locks/core/testing'

/** Chance that repeats itself with its seed. */
export class Chance {
  readonly #random: ReturnType<typeof seededRandom>

  constructor(seed: number) {
    this.#random = seededRandom(seed)
  }

  /** True with this probability. */
  of(probability: number): boolean {
    return this.#random.fraction() < probability
  }

  /** A whole number from `least` up to `below`. */
  between(least: number, below: number): number {
    return least + Math.floor(this.#random.fraction() * (below - least))
  }

  /** @throws when there is nothing to choose from. */
  pick<T>(items: readonly T[]): T {
    const item = items[this.between(0, items.length)]
    if (item === undefined) throw new Error('nothing to choose from')
    return item
  }

  shuffled<T>(items: readonly T[]): T[] {
    const rest = [...items]
    return items.map(() => rest.splice(this.between(0, rest.length), 1)[0] as T)
  }
}
