import type { ListReply, ListRequest } from './lease-store.ts'
import type { Subscription } from './subscription.ts'

/** What the methods of a cache store cannot say by being there. */
export interface CacheFacts {
  /** The smallest step in which the store counts a TTL. */
  readonly ttlResolutionMs: number
  /** Largest value it takes, framing excluded; a longer one is an `InvalidArgumentError` without I/O. */
  readonly valueBytesMax: number
  /** It tells its own time in `storeNowMs` and refuses what comes after `notAfterMs`. */
  readonly clock: boolean
}

/** A stored value and the token of the write that put it there. */
export interface StoredEntry {
  /** Changes with every write of the entry, also when the same bytes are written again. */
  readonly version: string
  readonly data: Uint8Array
}

/** A look at an entry, and a request to be the one who loads it. */
export interface LoadLeaseRequest {
  readonly key: string
  /** Owner token of this load, never re-used. */
  readonly token: string
  /** How long the load's lease lasts unless it is renewed. */
  readonly leaseMs: number
  /** Version the caller has read; absent = it has read a miss. */
  readonly seen?: string
  /** Token of the load the caller waits for: lets the store answer `failed`. */
  readonly awaited?: string
  /** Store time in ms after which the command must do nothing and answer `late`. */
  readonly notAfterMs?: number
}

/** What became of it: a value to use, a load to run, one to wait for, or one that has failed. */
export type LoadLeaseReply =
  /** Another value than the one `seen` is there: use it. */
  | { readonly state: 'fresh'; readonly entry: StoredEntry; readonly storeNowMs?: number }
  /** The caller loads. `vanished`: the entry it has seen is gone, so it is no longer a stale copy. */
  | { readonly state: 'won'; readonly vanished: boolean; readonly storeNowMs?: number }
  /** `holder` loads; its lease ends in `remainingMs` unless renewed. */
  | {
      readonly state: 'lost'
      readonly holder: string
      readonly remainingMs: number
      readonly vanished: boolean
      readonly storeNowMs?: number
    }
  /** The load `awaited` ended with this reason, and no value has come since. */
  | { readonly state: 'failed'; readonly reason: string; readonly storeNowMs?: number }
  | { readonly state: 'late'; readonly storeNowMs: number }

/** A loaded value, to be stored under the lease of its load. */
export interface CommitRequest {
  readonly key: string
  /** Becomes the entry's version. For `commit` it is the token of the load's lease. */
  readonly token: string
  readonly data: Uint8Array
  /** Hard expiry: the store itself drops the entry after this. */
  readonly ttlMs: number
  /** Push `changed` as well, whether or not somebody waits. A store that pushes nothing ignores it. */
  readonly announce?: boolean
}

/** A value to be stored whatever is there. */
export interface WriteRequest extends CommitRequest {
  /** Store time in ms after which the command must do nothing and answer `late`. */
  readonly notAfterMs?: number
}

/** `late`: it came after its `notAfterMs`, and nothing was done. */
export interface WriteReply {
  readonly state: 'written' | 'late'
  readonly storeNowMs?: number
}

/** A value to be stored in the place of one version. */
export interface CompareAndSetRequest extends WriteRequest {
  /** The version that must be there; `undefined` = there must be no entry. */
  readonly expected: string | undefined
}

/** Whether it was stored. */
export type CompareAndSetReply =
  | { readonly state: 'written'; readonly version: string; readonly storeNowMs?: number }
  /** Another `version` is there, or none. */
  | { readonly state: 'conflict'; readonly version?: string; readonly storeNowMs?: number }
  | { readonly state: 'late'; readonly storeNowMs: number }

/** What became of a load, whose `token` it is, or of an entry. */
export type LoadSignal =
  | { readonly type: 'filled'; readonly token: string }
  | { readonly type: 'failed'; readonly token: string; readonly reason: string }
  /** A write or a remove came during the load: its value will not be stored. */
  | { readonly type: 'voided'; readonly token: string }
  /** The entry is another one now, or gone; told when its change was to be announced. */
  | { readonly type: 'changed' }

/** Who is told of signals. Its methods return at once and never throw. */
export interface SignalListener {
  signal(key: string, signal: LoadSignal): void
  /** Signals may have been lost, or be lost from now on. */
  disconnected(): void
  /** Signals arrive again. */
  reconnected(): void
}

/**
 * The cache port: each method is ONE atomic step of the store. Tokens are ASCII `[A-Za-z0-9_-]`, at most
 * 64. Data of another kind under a key is a `ConflictError` and stays; data of the same kind that is not
 * ours is an entry like any other, which nobody can decode.
 *
 * One load per entry is elected by `lease`; only while its lease stands may it `commit`. Every explicit
 * write and `remove` voids that lease, so a slow loader can never overwrite a delete or newer value.
 */
export interface CacheStore {
  /** What the methods cannot say by being there; never changes. */
  readonly facts: CacheFacts
  /** The hot path: a plain read, in the order of the keys. */
  read(keys: readonly string[]): Promise<readonly (StoredEntry | undefined)[]>
  /** Looks again and elects one loader, in one step. */
  lease(request: LoadLeaseRequest): Promise<LoadLeaseReply>
  /** Moves the end of the load's lease; `false` = the lease is not this token's. */
  renew(key: string, token: string, leaseMs: number): Promise<boolean>
  /** Stores the loaded value if the lease is still this token's; `false` = fenced off. */
  commit(request: CommitRequest): Promise<boolean>
  /** Ends the lease without a value; `reason` stays for `keepMs` for those who wait for this token. */
  fail(key: string, token: string, reason: string, keepMs: number): Promise<void>
  /** Stores unconditionally and voids the load's lease. */
  write(request: WriteRequest): Promise<WriteReply>
  /**
   * A `write` if the entry still has the version expected; else `conflict`, and nothing changes, the
   * load's lease included. Versions are compared, never values. Idempotent by token: repeated while its
   * own entry is there it answers `written` and changes nothing.
   */
  compareAndSet(request: CompareAndSetRequest): Promise<CompareAndSetReply>
  /** Removes and voids the leases; the count of entries that were there. `announce` as in a commit. */
  remove(keys: readonly string[], options?: { readonly announce?: boolean }): Promise<number>
  /**
   * Optional: walks the keys that have an entry or a load under way, page by page. No snapshot: what is
   * there all the while is listed, what comes or goes meanwhile may be; a key may be listed twice. Not
   * called `list`, since one object may be a lease store too.
   */
  listEntries?(request: ListRequest): Promise<ListReply>
  /**
   * Pushes what becomes of the loads of all keys that begin with `prefix`, as far as somebody may wait
   * for them, and the changes of their entries that were to be announced.
   */
  onSignal?(prefix: string, listener: SignalListener): Subscription
  /**
   * Frees what the store opened by itself; never the client it was given. For whoever made the store:
   * core does not call it, since several locks and caches may share one.
   */
  close?(): Promise<void>
}
