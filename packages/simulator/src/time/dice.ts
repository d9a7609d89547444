/** A stream of chance that follows from its seed alone. */
export class Dice {
  #a: number
  #b: number
  #c: number
  #count = 1

  constructor(seed: number) {
    this.#a = seed | 0
    this.#b = Math.floor(seed / 2 ** 32) | 0
    this.#c = 0x9e3779b9
    // Neighbouring seeds start alike; after some rounds they no longer do.
    for (let round = 0; round < 12; round++) this.fraction()
  }

  /** Uniform in [0, 1). */
  fraction(): number {
    // sfc32: 32-bit arithmetic only, so the same on every machine.
    const sum = (this.#a + this.#b + this.#count) | 0
    this.#count = (this.#count + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum
    return (sum >>> 0) / 2 ** 32
  }

  chance(probability: number): boolean {
    return this.fraction() < probability
  }

  between(low: number, high: number): number {
    return low + this.fraction() * (high - low)
  }

  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number {
    return low + Math.floor(this.fraction() * (high - low + 1))
  }

  /** A whole number whose order of magnitude is uniform: short and long are equally likely. */
  spread(low: number, high: number): number {
    return Math.round(low * (high / low) ** this.fraction())
  }

  pick<T>(choices: readonly [T, ...T[]]): T {
    return choices[Math.floor(this.fraction() * choices.length)] as T
  }
}
