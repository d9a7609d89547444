import type { Clock } from '../clock.ts'
import type {
  CacheStore,
  CompareAndSetReply,
  CompareAndSetRequest,
  StoredEntry,
  WriteReply,
} from '../contract/cache-store.ts'
import { TimedCalls } from '../timed-calls.ts'

export interface EntryPlace {
  readonly key: string
  readonly deadlineMs: number
}

type Change = Pick<CompareAndSetRequest, 'token' | 'data' | 'ttlMs'>
type CasReply = Exclude<CompareAndSetReply, { state: 'late' }>

const NOTHING = new Uint8Array()

/** One entry of a cache store, as it is read and changed by version. */
export class VersionedEntry {
  readonly #store: CacheStore
  readonly #calls: TimedCalls
  readonly #key: string

  constructor(store: CacheStore, clock: Clock, { key, deadlineMs }: EntryPlace) {
    this.#store = store
    this.#calls = new TimedCalls(clock, deadlineMs)
    this.#key = key
  }

  /** Reads it, and learns the store's time, so that the first change too can be refused when late. */
  async read(): Promise<StoredEntry | undefined> {
    const [[entry]] = await Promise.all([
      this.#calls.bounded(() => this.#store.read([this.#key])),
      this.#learnTime(),
    ])
    return entry
  }

  compareAndSet(change: Change, expected: string | undefined): Promise<CasReply> {
    const request = { ...change, key: this.#key, expected }
    return this.#calls.inTime<CompareAndSetReply>((guard) =>
      this.#store.compareAndSet({ ...request, ...guard }),
    )
  }

  async write(change: Change): Promise<void> {
    const request = { ...change, key: this.#key }
    await this.#calls.inTime<WriteReply>((guard) => this.#store.write({ ...request, ...guard }))
  }

  async #learnTime(): Promise<void> {
    if (!this.#store.facts.clock) return
    // Refused as late, so it does nothing but tell the time.
    const request = { key: this.#key, token: 'time', data: NOTHING, ttlMs: 1, expected: 'time' }
    await this.#calls.timed(() => this.#store.compareAndSet({ ...request, notAfterMs: 0 }))
  }
}
