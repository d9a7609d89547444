import type { Duration } from '../duration.ts'
import type { LockGrant } from './lock-grant.ts'
import type { LockMode } from './options.ts'

/** How a lock is given back. */
export interface ReleaseOptions {
  /**
   * A cool-down: nobody gets the lock before this long after its acquisition. The handle is released at
   * once, and the lease then ends by itself; who waits already may notice up to 5 s late. Default 0.
   */
  readonly after?: Duration
}

/**
 * A held lock: a lease on a name. A handle serves one acquisition and is never revived.
 *
 * At most one holder believes in it at a time, while the store keeps the key, the clocks run at about
 * the same rate, and you stop when `signal` aborts. A process that was paused may write late all the
 * same: where that would hurt, give `fence` to the resource and let it refuse smaller ones.
 */
export interface Lock extends AsyncDisposable {
  /** The encoded name. */
  readonly name: string
  /** Proof of holding; keep it secret. */
  readonly token: string
  /** Strictly increasing per name, a safe integer; `undefined` where the store has no fencing. */
  readonly fence: number | undefined
  /** What it was acquired with; a lock that was not acquired with a mode is exclusive. */
  readonly mode: LockMode
  /**
   * Aborts when the lock is lost: at the deadline by our own clock even if the network is dead, or
   * sooner when the store says so. Its reason is a `LockLostError`. A release does not abort it.
   */
  readonly signal: AbortSignal
  /** Read from the clock each time: `false` right after a stall, before any timer has run. */
  readonly held: boolean
  /**
   * Whole milliseconds left by our own clock, 0 when not held. So `extend(lock.remaining + 10_000)` adds
   * 10 s.
   */
  readonly remaining: number
  /** @throws LockLostError unless held. For the line before a side effect. */
  assertHeld(): void
  /** Asks the store, in one round trip. @throws StoreUnavailableError */
  verify(): Promise<boolean>
  /**
   * Moves the end to `ttl` from now (default: the lock's own ttl). `false` = lost.
   * @throws StoreUnavailableError without an answer; the lock is then held until its old deadline.
   */
  extend(ttl?: Duration): Promise<boolean>
  /**
   * Ends the lease. `false` = it was lost or released before; with `fair: 'process'` as far as is known here,
   * when the next caller of this process is let in.
   * @throws StoreUnavailableError without an answer; it is then repeated in the background, unless
   *   it was to end later: then it ends by itself. InvalidArgumentError, with the lock still held.
   */
  release(options?: ReleaseOptions): Promise<boolean>
  /**
   * Gives the lock away, without a command: this handle is released, and the result is for `adopt`,
   * here or in another process, before the `remaining` time of now is over.
   * @throws LockLostError unless held.
   */
  handover(): LockGrant
  /** Releases and never throws. */
  [Symbol.asyncDispose](): Promise<void>
}
