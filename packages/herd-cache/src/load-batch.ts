import { type Clock, InvalidArgumentError, type Name } from '@locks/core'
import type { Made } from './loader.ts'

/** What a loader of many keys is told. */
export interface BatchContext {
  /** Aborts when the cache is closed. */
  readonly signal: AbortSignal
}

/** Makes the values of many keys: for each, in their order, the value or an `Error` in its place. */
export type BatchLoader<T> = (
  keys: readonly Name[],
  context: BatchContext,
) => readonly (T | Error)[] | PromiseLike<readonly (T | Error)[]>

interface Ask {
  readonly name: Name
  resolve(made: Made): void
  reject(error: unknown): void
}

/** Runs one loader for all keys that are to be loaded by about the same time. */
export class LoadBatch<T> {
  readonly #loader: BatchLoader<T>
  readonly #clock: Clock
  readonly #signal: AbortSignal
  #asked: Ask[] = []

  constructor(loader: BatchLoader<T>, clock: Clock, signal: AbortSignal) {
    this.#loader = loader
    this.#clock = clock
    this.#signal = signal
  }

  load(name: Name): Promise<Made> {
    return new Promise((resolve, reject) => {
      // The elections of one call are answered together, but not all in the same turn.
      if (this.#asked.length === 0) this.#clock.after(0, () => void this.#run())
      this.#asked.push({ name, resolve, reject })
    })
  }

  async #run(): Promise<void> {
    const asked = this.#asked
    this.#asked = []
    try {
      const names = asked.map(({ name }) => name)
      const values = await this.#loader(names, { signal: this.#signal })
      if (!Array.isArray(values) || values.length !== asked.length)
        throw new InvalidArgumentError('a batch loader must give one value or error for each key')
      for (const [i, { resolve, reject }] of asked.entries()) {
        const value: unknown = values[i]
        if (value instanceof Error) reject(value)
        else resolve({ value, skipped: false })
      }
    } catch (error) {
      for (const { reject } of asked) reject(error)
    }
  }
}
