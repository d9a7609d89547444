import type {
  CacheStore,
  Clock,
  CommitRequest,
  CompareAndSetReply,
  CompareAndSetRequest,
  ListReply,
  ListRequest,
  LoadLeaseReply,
  LoadLeaseRequest,
  StoredEntry,
  WriteReply,
} from '@locks/core'
import { StoreUnavailableError } from '@locks/core'
import { StoreClock, VersionedEntry, withDeadline } from '@locks/core/parts'

type InTime<Reply> = Exclude<Reply, { readonly state: 'late' }>

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

  /** The entry of `key`, to be changed by version. */
  versioned(key: string): VersionedEntry {
    return new VersionedEntry(this.#store, this.#clock, { key, deadlineMs: this.#deadlineMs })
  }

  /** One command for all. */
  read(keys: readonly string[]): Promise<readonly (StoredEntry | undefined)[]> {
    return this.#bounded(() => this.#store.read(keys))
  }

  lease(request: LoadLeaseRequest): Promise<InTime<LoadLeaseReply>> {
    return this.#inTime<LoadLeaseReply>((guard) => this.#store.lease({ ...request, ...guard }))
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
    await this.#inTime<WriteReply>((guard) => this.#store.write({ ...request, ...guard }))
  }

  compareAndSet(request: CompareAndSetRequest): Promise<InTime<CompareAndSetReply>> {
    return this.#inTime<CompareAndSetReply>((guard) =>
      this.#store.compareAndSet({ ...request, ...guard }),
    )
  }

  /** One page; `undefined` from a store that cannot. */
  async listEntries(request: ListRequest): Promise<ListReply | undefined> {
    return this.#bounded(async () => this.#store.listEntries?.(request))
  }

  remove(keys: readonly string[]): Promise<number> {
    return this.#bounded(() => this.#store.remove(keys))
  }

  /** A command refused as late has told the time, so a second one is in time. */
  async #inTime<Reply extends { readonly state: string; readonly storeNowMs?: number }>(
    command: (guard: { notAfterMs?: number }) => Promise<Reply>,
  ): Promise<InTime<Reply>> {
    for (let tries = 0; tries < 2; tries++) {
      const reply = await this.#timed(command)
      if (reply.state !== 'late') return reply as InTime<Reply>
    }
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
