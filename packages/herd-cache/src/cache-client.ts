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
  LocksError,
  Random,
  StoredEntry,
  WriteReply,
} from '@locks/core'
import { TimedCalls, VersionedEntry } from '@locks/core/parts'
import { Breaker, type BreakerLimits } from './breaker.ts'
import type { CacheListener } from './cache-event.ts'
import { DeleteReplay } from './delete-replay.ts'
import { SKEW_MS } from './skew.ts'

type InTime<Reply> = Exclude<Reply, { readonly state: 'late' }>

export interface ClientOptions {
  readonly clock: Clock
  readonly random: Random
  readonly deadlineMs: number
  readonly breaker: BreakerLimits
  readonly tell: CacheListener
  /** Told of a key whose change has failed: it may be sent to the store much later. */
  readonly superseded: (key: string) => void
  /** Without this key no entry counts. */
  readonly everything: string
}

/**
 * A cache store as the cache calls it: each command has a deadline, here and by the store's own clock,
 * and a store that does not answer is left alone for a while. A key whose `write` or `remove` has failed
 * is removed before anything else is done with it.
 * Every method rejects with a LocksError.
 */
export class CacheClient {
  readonly #store: CacheStore
  readonly #clock: Clock
  readonly #calls: TimedCalls
  readonly #deadlineMs: number
  readonly #breaker: Breaker
  readonly #replay: DeleteReplay
  readonly #superseded: (key: string) => void
  #answers = 0
  #learning: Promise<void> | undefined

  constructor(store: CacheStore, options: ClientOptions) {
    const { clock, random, deadlineMs, breaker, tell, everything } = options
    this.#store = store
    this.#clock = clock
    this.#calls = new TimedCalls(clock, deadlineMs, (call) =>
      this.#breaker.run(async () => {
        const reply = await call()
        this.#answers++
        return reply
      }),
    )
    this.#deadlineMs = deadlineMs
    this.#superseded = options.superseded
    this.#replay = new DeleteReplay({
      clock,
      random,
      retryMs: breaker.openMs,
      everything,
      remove: (keys) => this.#bounded(() => store.remove(keys)),
      replayed: (keys) => tell({ type: 'replayed', keys }),
      overflowed: (keys) => tell({ type: 'replay-overflow', keys }),
    })
    this.#breaker = new Breaker(breaker, {
      clock,
      random,
      tell: (state) => {
        tell({ type: 'breaker', state })
        if (state === 'closed') void this.#replay.retry()
      },
    })
  }

  /** How many commands the store has answered so far. */
  get answers(): number {
    return this.#answers
  }

  /** What has failed is no longer made good. */
  close(): void {
    this.#replay.stop()
  }

  /** The store's time: soft expiry is judged by it in every process alike. */
  now(): number {
    return this.#calls.storeClock.now()
  }

  /** `now` is the store's time, or as near to it as can be had. */
  get knowsTime(): boolean {
    return this.#calls.storeClock.driftMs <= SKEW_MS || !this.#store.facts.clock
  }

  /**
   * Makes sure that `now` is the store's time. The machine's own clock may be hours off, and drifts apart
   * from the store's, so a value would be judged fresh or stale by chance: one extra round trip at first,
   * and one in 25 s at most while nothing but reads is sent, which do not tell the time.
   */
  async learnTime(key: string): Promise<void> {
    if (this.knowsTime) return
    this.#learning ??= this.#askTime(key).finally(() => {
      this.#learning = undefined
    })
    await this.#learning
  }

  /** Runs a part of the change of `keys`. Without it they are removed when the store answers again. */
  async changing<T>(keys: readonly string[], part: () => Promise<T>): Promise<T> {
    try {
      return await part()
    } catch (error) {
      if ((error as LocksError).code === 'STORE_UNAVAILABLE') {
        this.#replay.note(keys)
        for (const key of keys) this.#superseded(key)
      }
      throw error
    }
  }

  /** Makes good what has failed for `keys`. @throws StoreUnavailableError */
  async catchUp(keys: readonly string[]): Promise<void> {
    const failed = this.#replay.among(keys)
    if (failed.length > 0) await this.#replay.settle(failed)
  }

  /** The entry of `key`, to be changed by version. */
  versioned(key: string): VersionedEntry {
    return new VersionedEntry(this.#store, this.#clock, { key, deadlineMs: this.#deadlineMs })
  }

  /** One command for all. */
  read(keys: readonly string[]): Promise<readonly (StoredEntry | undefined)[]> {
    return this.#upToDate(keys, () => this.#bounded(() => this.#store.read(keys)))
  }

  lease(request: LoadLeaseRequest): Promise<InTime<LoadLeaseReply>> {
    return this.#upToDate([request.key], () =>
      this.#calls.inTime<LoadLeaseReply>((guard) => this.#store.lease({ ...request, ...guard })),
    )
  }

  renew(key: string, token: string, leaseMs: number): Promise<boolean> {
    return this.#upToDate([key], () => this.#bounded(() => this.#store.renew(key, token, leaseMs)))
  }

  commit(request: CommitRequest): Promise<boolean> {
    return this.#upToDate([request.key], () => this.#bounded(() => this.#store.commit(request)))
  }

  fail(key: string, token: string, reason: string, keepMs: number): Promise<void> {
    return this.#upToDate([key], () =>
      this.#bounded(() => this.#store.fail(key, token, reason, keepMs)),
    )
  }

  async write(request: CommitRequest): Promise<void> {
    await this.#superseding([request.key], () =>
      this.#calls.inTime<WriteReply>((guard) => this.#store.write({ ...request, ...guard })),
    )
  }

  compareAndSet(request: CompareAndSetRequest): Promise<InTime<CompareAndSetReply>> {
    return this.#upToDate([request.key], () =>
      this.#calls.inTime<CompareAndSetReply>((guard) =>
        this.#store.compareAndSet({ ...request, ...guard }),
      ),
    )
  }

  /** One page; `undefined` from a store that cannot. */
  async listEntries(request: ListRequest): Promise<ListReply | undefined> {
    return this.#bounded(async () => this.#store.listEntries?.(request))
  }

  remove(keys: readonly string[]): Promise<number> {
    return this.#superseding(keys, () => this.#bounded(() => this.#store.remove(keys)))
  }

  /** A change after which nothing that has failed before matters for `keys`. */
  #superseding<T>(keys: readonly string[], change: () => Promise<T>): Promise<T> {
    return this.changing(keys, () => this.#replay.superseding(keys, change))
  }

  /** Without a turn of its own if there is nothing to make good. */
  #upToDate<T>(keys: readonly string[], command: () => Promise<T>): Promise<T> {
    if (this.#replay.among(keys).length === 0) return command()
    return this.catchUp(keys).then(command)
  }

  async #askTime(key: string): Promise<void> {
    // Refused as late, so it does nothing but tell the time.
    const tellTime = { key, token: 'time', leaseMs: 1, notAfterMs: 0 }
    await this.#calls.timed(() => this.#store.lease(tellTime))
  }

  #bounded<T>(call: () => Promise<T>): Promise<T> {
    return this.#calls.bounded(call)
  }
}
