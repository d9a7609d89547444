/** Stable, public; match on these. `instanceof` fails when a program loads the ESM and the CJS copy. */
export type ErrorCode =
  | 'LOCK_TIMEOUT'
  | 'LOCK_LOST'
  | 'STORE_UNAVAILABLE'
  | 'UNSUPPORTED'
  | 'INVALID_ARGUMENT'
  | 'CONFLICT'
  | 'LOAD_FAILED'
  | 'STREAM_BROKEN'
  | 'LOAD_TIMEOUT'
  | 'LOAD_RECURSION'

/** Why a lock is no longer held; `released` is its holder's own doing. */
export type LossReason =
  | 'expired'
  | 'deleted'
  | 'stolen'
  | 'unreachable'
  | 'max-hold'
  | 'closed'
  | 'released'

const BRAND = Symbol.for('@locks/error')

/** What every error of the library is. Carries no token, value, URL or client object. */
export abstract class LocksError extends Error {
  /** What to match on; stays what it is from version to version. */
  abstract readonly code: ErrorCode
  readonly [BRAND] = true
  override get name(): string {
    return this.constructor.name
  }
}

/** Whether `error` comes from this library, whichever copy of it threw. */
export function isLocksError(error: unknown): error is LocksError {
  return typeof error === 'object' && error !== null && BRAND in error
}

/** The wait ended and somebody else still held the lock. */
export class LockTimeoutError extends LocksError {
  readonly code = 'LOCK_TIMEOUT'
  /** How long it was waited for, by the monotonic clock. */
  readonly waitedMs: number
  constructor(message: string, waitedMs: number) {
    super(message)
    this.waitedMs = waitedMs
  }
}

/** The lease ended before the work did. The work may have overlapped with the next holder's. */
export class LockLostError extends LocksError {
  readonly code = 'LOCK_LOST'
  /** What has ended it. */
  readonly reason: LossReason
  /** What the callback of `request` returned, when it had finished all the same. */
  readonly result: unknown
  constructor(message: string, reason: LossReason, result?: unknown) {
    super(message)
    this.reason = reason
    this.result = result
  }
}

/** The store did not answer in time, refused, or is closed. What was sent may have happened. */
export class StoreUnavailableError extends LocksError {
  readonly code = 'STORE_UNAVAILABLE'
}

/** The store has no such capability. */
export class UnsupportedError extends LocksError {
  readonly code = 'UNSUPPORTED'
}

/** The caller's mistake, found before anything was sent. */
export class InvalidArgumentError extends LocksError {
  readonly code = 'INVALID_ARGUMENT'
}

/** The store holds something that contradicts the call: foreign data, or another capacity. */
export class ConflictError extends LocksError {
  readonly code = 'CONFLICT'
}

/** Another process ran the loader for this caller, and it failed. */
export class LoadFailedError extends LocksError {
  readonly code = 'LOAD_FAILED'
}

/** A part of a stored stream was not there any more when its reader came to it. */
export class StreamBrokenError extends LocksError {
  readonly code = 'STREAM_BROKEN'
}

/** A loader took longer than it may, or a load in another process longer than it is waited for. */
export class LoadTimeoutError extends LocksError {
  readonly code = 'LOAD_TIMEOUT'
}

/** A loader asks for what waits for it: its own entry, or one whose loader asks for it. */
export class LoadRecursionError extends LocksError {
  readonly code = 'LOAD_RECURSION'
}

/** Keeps what helps and drops what could leak: clients put URLs and themselves on their errors. */
export function toLocksError(error: unknown): LocksError {
  if (isLocksError(error)) return error
  return new StoreUnavailableError(`the store failed: ${describe(error)}`)
}

/** A short text without credentials, of whatever was thrown. */
export function describe(thrown: unknown): string {
  try {
    const { name, code, message } = thrown instanceof Error ? (thrown as NodeJS.ErrnoException) : {}
    const text = String(message ?? 'unknown')
      .slice(0, 1000)
      .replace(/\/\/\S*@/g, '//***@')
      // A server repeats a command that it does not know: tokens and values.
      .replace(/,? with args beginning with.*/s, '')
    return `${String(code ?? name ?? 'Error')}: ${text.slice(0, 200)}`
  } catch {
    return 'something that cannot be described'
  }
}
