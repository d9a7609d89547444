import { type Clock, InvalidArgumentError, type Name } from '@locks/core'
import type { CacheParts } from './cache-parts.ts'
import type { LoadNesting } from './load-nesting.ts'
import type { Made } from './loader.ts'

/** What a loader of many keys is told. */
export interface BatchContext {
  /** Aborts when none of the values is wanted any more, and when the cache is closed. */
  readonly signal: AbortSignal
}

/** Makes the values of many keys: for each, in their order, the value or an `Error` in its place. */
export type BatchLoader<T> = (
  keys: readonly Name[],
  context: BatchContext,
) => readonly (T | Error)[] | PromiseLike<readonly (T | Error)[]>

interface Ask {
  readonly key: string
  readonly name: Name
  readonly signal: AbortSignal
  resolve(made: Made): void
  reject(error: unknown): void
}

/** Runs one loader for all keys that are to be loaded by about the same time. */
export class LoadBatch<T> {
  readonly #loader: BatchLoader<T>
  readonly #clock: Clock
  readonly #nesting: LoadNesting
  #asked: Ask[] = []

  constructor(loader: BatchLoader<T>, { clock, nesting }: Pick<CacheParts, 'clock' | 'nesting'>) {
    this.#loader = loader
    this.#clock = clock
    this.#nesting = nesting
  }

  load(key: string, name: Name, signal: AbortSignal): Promise<Made> {
    return new Promise((resolve, reject) => {
      // The elections of one call are answered together, but not all in the same turn.
      if (this.#asked.length === 0) this.#clock.after(0, () => void this.#run())
      this.#asked.push({ key, name, signal, resolve, reject })
    })
  }

  async #run(): Promise<void> {
    const asked = this.#asked
    this.#asked = []
    try {
      const names = asked.map(({ name }) => name)
      const keys = asked.map(({ key }) => key)
      const signal = whenAllAbort(asked.map((ask) => ask.signal))
      const values = await this.#nesting.run(keys, false, () => this.#loader(names, { signal }))
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

function whenAllAbort(signals: readonly AbortSignal[]): AbortSignal {
  const aborter = new AbortController()
  let left = signals.length
  const count = ({ reason }: AbortSignal) => {
    if (--left === 0) aborter.abort(reason)
  }
  for (const signal of signals) {
    if (signal.aborted) count(signal)
    else signal.addEventListener('abort', () => count(signal), { once: true })
  }
  return aborter.signal
}
