import type { Name } from '../key.ts'
import type { Lock } from './lock.ts'
import type { AcquireOptions } from './options.ts'

export interface RequestOptions extends AcquireOptions {
  /** Exactly one try; the callback gets `null` when the lock is held. */
  readonly ifAvailable?: boolean
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
    options: RequestOptions & { readonly ifAvailable: true },
    callback: (lock: Lock | null) => T | PromiseLike<T>,
  ): Promise<T>
  request<T>(
    name: Name,
    options: RequestOptions & { readonly ifAvailable?: false },
    callback: (lock: Lock) => T | PromiseLike<T>,
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
   * Refuses new acquisitions, ends those that wait, releases what is held, and waits at most one store
   * deadline for what is still being undone. Closes the store's own connections, never your client.
   */
  close(): Promise<void>
}
