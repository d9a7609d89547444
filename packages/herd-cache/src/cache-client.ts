import type {
  CacheStore,
  Clock,
  CommitRequest,
  LoadLeaseReply,
  LoadLeaseRequest,
  StoredEntry,
} from '@locks/core'
import { StoreUnavailableError } from '@locks/core'
import { StoreClock, withDeadline } from '@locks/core/parts'

/**
 * A cache store as the cache calls it: each command has a deadline, here and by the store's own clock.
 * Every method rejects with a LocksError.
 */
export class CacheClient {
  readonly #store: CacheStore
  readonly #clock: Clock
  readonly #storeClock: StoreClock
  readonly #deadlineMs: number

  constructor(store: CacheStore, clock: Clock, deadlineMs: number) {
    this.#store = store
    this.#clock = clock
    this.#storeClock = new StoreClock(clock)
    this.#deadlineMs = deadlineMs
  }

  /** The store's time: soft expiry is judged by it in every process alike. */
  now(): number {
    return this.#storeClock.now()
  }

  /**
   * Makes sure that `now` is the store's time. The machine's own clock may be hours off, so before the
   * first reply that tells the time a value would be judged fresh or stale by chance: one extra round
   * trip, once per cache.
   */
  async learnTime(key: string): Promise<void> {
    if (this.#storeClock.isKnown || !this.#store.facts.clock) return
    // Refused as late, so it does nothing but tell the time.
    const tellTime = { key, token: 'time', leaseMs: 1, notAfterMs: 0 }
    await this.#timed(() => this.#store.lease(tellTime))
  }

  /** One command for all. */
  read(keys: readonly string[]): Promise<readonly (StoredEntry | undefined)[]> {
    return this.#bounded(() => this.#store.read(keys))
  }

  /** A command refused as late has told the time, so a second one is in time. */
  async lease(request: LoadLeaseRequest): Promise<Exclude<LoadLeaseReply, { state: 'late' }>> {
    const reply = await this.#timed((guard) => this.#store.lease({ ...request, ...guard }))
    if (reply.state !== 'late') return reply
    const again = await this.#timed((guard) => this.#store.lease({ ...request, ...guard }))
    if (again.state !== 'late') return again
    throw refused()
  }

  renew(key: string, token: string, leaseMs: number): Promise<boolean> {
    return this.#bounded(() => this.#store.renew(key, token, leaseMs))
  }

  commit(request: CommitRequest): Promise<boolean> {
    return this.#bounded(() => this.#store.commit(request))
  }

  fail(key: string, token: string, reason: string, keepMs: number): Promise<void> {
    return this.#bounded(() => this.#store.fail(key, token, reason, keepMs))
  }

  async write(request: CommitRequest): Promise<void> {
    const reply = await this.#timed((guard) => this.#store.write({ ...request, ...guard }))
    if (reply.state === 'written') return
    const again = await this.#timed((guard) => this.#store.write({ ...request, ...guard }))
    if (again.state === 'late') throw refused()
  }

  remove(keys: readonly string[]): Promise<number> {
    return this.#bounded(() => this.#store.remove(keys))
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

const refused = () => new StoreUnavailableError('the store refused a command that came late')
