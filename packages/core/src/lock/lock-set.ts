import type { Duration } from '../duration.ts'
import type { Lock } from './lock.ts'

/** Several names held as one: it is held while all of them are, and lost with the first. */
export interface LockSet extends AsyncDisposable {
  /** The encoded names, in the order asked. */
  readonly names: readonly string[]
  /** Each with its own fencing token, in the order asked. */
  readonly locks: readonly Lock[]
  /** Aborts with the first loss, whose `LockLostError` is its reason; the other locks are then released. */
  readonly signal: AbortSignal
  /** Read from the clock each time: whether all of them are held. */
  readonly held: boolean
  /** Milliseconds until the first of them ends; 0 when one is not held. */
  readonly remaining: number
  /** @throws LockLostError unless all are held. */
  assertHeld(): void
  /** Asks the store about each, in parallel; `false` = one is lost. @throws StoreUnavailableError */
  verify(): Promise<boolean>
  /**
   * Moves the end of each to `ttl` from now, in parallel; `false` = one is lost.
   * @throws StoreUnavailableError
   */
  extend(ttl?: Duration): Promise<boolean>
  /**
   * Ends all leases, in parallel. `false` = one was lost or released before.
   * @throws StoreUnavailableError without an answer; it is then repeated in the background.
   */
  release(): Promise<boolean>
  /** Releases and never throws. */
  [Symbol.asyncDispose](): Promise<void>
}
