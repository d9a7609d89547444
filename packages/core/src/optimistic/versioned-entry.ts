import type { Clock } from '../clock.ts'
import type {
  CacheStore,
  CompareAndSetReply,
  CompareAndSetRequest,
  StoredEntry,
  WriteReply,
} from '../contract/cache-store.ts'
import { withDeadline } from '../deadline.ts'
import { StoreUnavailableError } from '../errors.ts'
import { StoreClock } from '../store-clock.ts'

export interface EntryPlace {
  readonly key: string
  readonly deadlineMs: number
}

type Change = Pick<CompareAndSetRequest, 'token' | 'data' | 'ttlMs'>
type CasReply = Exclude<CompareAndSetReply, { state: 'late' }>

const NOTHING = new Uint8Array()

/**
 * One entry of a cache store, as it is read and changed by version. Each command has a deadline, here
 * and, where the store tells the time, in the store.
 */
export class VersionedEntry {
  readonly #store: CacheStore
  readonly #clock: Clock
  readonly #storeClock: StoreClock
  readonly #key: string
  readonly #deadlineMs: number

  constructor(store: CacheStore, clock: Clock, { key, deadlineMs }: EntryPlace) {
    this.#store = store
    this.#clock = clock
    this.#storeClock = new StoreClock(clock)
    this.#key = key
    this.#deadlineMs = deadlineMs
  }

  /** Reads it, and learns the store's time, so that the first change too can be refused when late. */
  async read(): Promise<StoredEntry | undefined> {
    const [[entry]] = await Promise.all([
      this.#bounded(() => this.#store.read([this.#key])),
      this.#learnTime(),
    ])
    return entry
  }

  compareAndSet(change: Change, expected: string | undefined): Promise<CasReply> {
    const request = { ...change, key: this.#key, expected }
    return this.#intime<CompareAndSetReply>((guard) =>
      this.#store.compareAndSet({ ...request, ...guard }),
    ) as Promise<CasReply>
  }

  async write(change: Change): Promise<void> {
    const request = { ...change, key: this.#key }
    await this.#intime<WriteReply>((guard) => this.#store.write({ ...request, ...guard }))
  }

  async #learnTime(): Promise<void> {
    if (!this.#store.facts.clock) return
    // Refused as late, so it does nothing but tell the time.
    const request = { key: this.#key, token: 'time', data: NOTHING, ttlMs: 1, expected: 'time' }
    await this.#timed(() => this.#store.compareAndSet({ ...request, notAfterMs: 0 }))
  }

  /** A command refused as late has done nothing but tell the time: a second one is in time. */
  async #intime<Reply extends { readonly state: string; readonly storeNowMs?: number }>(
    command: (guard: { notAfterMs?: number }) => Promise<Reply>,
  ): Promise<Reply> {
    const reply = await this.#timed(command)
    if (reply.state !== 'late') return reply
    const again = await this.#timed(command)
    if (again.state !== 'late') return again
    throw new StoreUnavailableError('the store refused a command that came late')
  }

  async #timed<Reply extends { readonly storeNowMs?: number }>(
    command: (guard: { notAfterMs?: number }) => Promise<Reply>,
  ): Promise<Reply> {
    const sentAtMs = this.#clock.now()
    const notAfterMs = this.#storeClock.notAfterMs(this.#deadlineMs)
    const reply = await this.#bounded(() => command(notAfterMs === undefined ? {} : { notAfterMs }))
    this.#storeClock.learn(reply.storeNowMs, sentAtMs)
    return reply
  }

  /** Async inside, so that a store that throws instead of rejecting is a rejection too. */
  #bounded<T>(call: () => Promise<T>): Promise<T> {
    return withDeadline(this.#clock, this.#deadlineMs, (async () => call())())
  }
}
