import type { Name } from '../key.ts'
import type { AdoptOptions } from './adopt.ts'
import type { ElectOptions } from './elect.ts'
import type { Lock } from './lock.ts'
import type { LockGrant } from './lock-grant.ts'
import type { LockQuery } from './lock-info.ts'
import type { LockSet } from './lock-set.ts'
import type { LockState } from './lock-state.ts'
import type { AcquireOptions } from './options.ts'
import type { RequestOptions } from './request-options.ts'
import type { Term } from './term.ts'

type Always = { readonly ifAvailable?: false; readonly onTimeout?: 'reject' }
type Maybe = { readonly ifAvailable: true } | { readonly onTimeout: 'proceed' }

/** How far `query` looks. By default at the locks of this `createLocks` only, without I/O. */
export interface QueryOptions {
  /** Ask the store for the locks of all processes. Default false. */
  readonly store?: boolean
}

/** Locks on one store. All methods throw `InvalidArgumentError` before anything is sent. */
export interface Locks extends AsyncDisposable {
  /**
   * Runs `callback` while holding the lock and releases it afterwards; the shape of Web Locks.
   * The callback's own error wins. @throws LockTimeoutError; StoreUnavailableError; LockLostError if
   * the lease broke while it ran, with what it returned as `result`.
   */
  request<T>(name: Name, callback: (lock: Lock) => T | PromiseLike<T>): Promise<T>
  request<T>(
    name: Name,
    options: RequestOptions & Always,
    callback: (lock: Lock) => T | PromiseLike<T>,
  ): Promise<T>
  request<T>(
    name: Name,
    options: RequestOptions & Maybe,
    callback: (lock: Lock | null) => T | PromiseLike<T>,
  ): Promise<T>
  request<T>(
    name: Name,
    options: RequestOptions,
    callback: (lock: Lock | null) => T | PromiseLike<T>,
  ): Promise<T>
  /** Waits for the lock. @throws LockTimeoutError; StoreUnavailableError; the reason of `signal`. */
  acquire(name: Name, options?: AcquireOptions): Promise<Lock>
  /** One try; `null` when somebody holds it. @throws StoreUnavailableError */
  tryAcquire(name: Name, options?: Omit<AcquireOptions, 'wait'>): Promise<Lock | null>
  /**
   * Waits for several names, all or none, within one `wait`. They are acquired in an order that is the
   * same for everybody, so callers that want the same names never block each other for good.
   * @throws as `acquire`; LockLostError if one is lost while the others are awaited.
   */
  acquireAll(names: readonly Name[], options?: AcquireOptions): Promise<LockSet>
  /** `request` for several names. */
  requestAll<T>(
    names: readonly Name[],
    callback: (locks: LockSet) => T | PromiseLike<T>,
  ): Promise<T>
  requestAll<T>(
    names: readonly Name[],
    options: AcquireOptions,
    callback: (locks: LockSet) => T | PromiseLike<T>,
  ): Promise<T>
  /**
   * Campaigns for leadership until `signal` aborts, and resolves then. `callback` runs once per term,
   * and must stop when `term.signal` aborts: on a loss before anybody else is elected; at the end of the
   * campaign the lease is kept until the callback is done, and then given back. A callback that returns
   * ends its term, and the campaign goes on, behind the others where the store queues. What it throws
   * in a term that is intact rejects, after the release; after a loss it is an event, and the campaign
   * goes on. So it does through every outage of the store.
   * @throws the callback's error; ConflictError; StoreUnavailableError when these locks are closed.
   */
  elect(
    name: Name,
    options: ElectOptions,
    callback: (term: Term) => void | PromiseLike<void>,
  ): Promise<void>
  /**
   * The lock under which the calling code runs: that of the innermost callback of `request` or
   * `requestAll` around it, or of the innermost for `name`. It may be lost, or released, by now.
   */
  current(name?: Name): Lock | undefined
  /**
   * Takes over a lock that was handed over: one command, by which `grant` is worth nothing any more. The
   * fence stays, and a `maxHold` counts anew. @throws LockLostError when it is too late, or somebody else
   * came first; StoreUnavailableError without an answer: the lock is then given back.
   */
  adopt(grant: LockGrant, options?: AdoptOptions): Promise<Lock>
  /**
   * What this instance holds and waits for, as `query` of Web Locks does, without asking the store.
   * `store: true`: what all processes do, as the store knows it; it is walked lock by lock, so this is
   * no snapshot. @throws UnsupportedError where the store cannot list; StoreUnavailableError
   */
  query(options?: QueryOptions): Promise<LockQuery>
  /** Who holds a name, by the store. @throws StoreUnavailableError */
  inspect(name: Name): Promise<LockState>
  /**
   * For operators: takes the lock from all who hold it, who learn of it at their next renewal; the next
   * waiter gets it at once. `false` = there was nothing to take. Whoever gets it meanwhile keeps it.
   * @throws StoreUnavailableError
   */
  break(name: Name): Promise<boolean>
  /**
   * Refuses new acquisitions, ends those that wait, releases what is held, and waits at most one store
   * deadline for what is still being undone. Closes the store's own connections, never your client.
   */
  close(): Promise<void>
}
