import { type Duration, LEASE_MS_MAX, toMs, toWaitMs } from '../duration.ts'
import { InvalidArgumentError } from '../errors.ts'
import { validUntilMs } from './validity.ts'

/**
 * How a lock is waited for, held and kept. An option that is not given is as `createLocks` was told, else
 * as said here.
 */
export interface AcquireOptions {
  /** Lease length. The store's TTL is `ttl + grace`. Default 30 s. */
  readonly ttl?: Duration
  /** Extra TTL in the store that the holder never counts on. Default ttl/20, at least 50 ms. */
  readonly grace?: Duration
  /** Extend the lease each ttl/3 while it is held. Default true; false = the lock ends after `ttl`. */
  readonly renew?: boolean
  /** How long to wait for other holders. 0 = exactly one try, Infinity = no limit. Default 10 s. */
  readonly wait?: Duration
  /** Ends the waiting, not the lock. */
  readonly signal?: AbortSignal
  /**
   * Readers and writers: `shared` excludes the exclusive only, and nobody overtakes who waits. All users
   * of such a name give a `mode`; without one the lock is another kind, and the two are a `ConflictError`.
   */
  readonly mode?: LockMode
  /** As many hold the name at once, 1 to 2³¹−1; all users of the name give the same number. Default 1. */
  readonly permits?: number
  /** The lock is lost and given back this long after its acquisition, however often it was extended. */
  readonly maxHold?: Duration
  /**
   * Takes the lock from whoever holds it, in one try, and whatever `wait` says. Who held it may believe
   * in it until the store tells or its next renewal does: till then only the fencing token protects
   * what it guards. Not with `permits` or `mode: 'shared'`; `UnsupportedError` where the store cannot.
   */
  readonly steal?: boolean
  /**
   * Who comes next. `global`: first come, first served, over all processes, where the store has a queue.
   * `process`: who waits here is served here, up to three times each or 50 ms long, before the store's queue
   * goes on: many times as fast where many callers of one process want one name. For single exclusive names and stores
   * that need no confirmation. `false`: whoever asks at the right moment; waiters try again and again.
   * Default `global`.
   */
  readonly fair?: Fairness
}

/** Who comes next: see `AcquireOptions.fair`. */
export type Fairness = 'global' | 'process' | false

/** A writer is `exclusive`, a reader `shared`. */
export type LockMode = 'exclusive' | 'shared'

/** What holds for every acquisition; what belongs to one name, or to one acquisition, does not. */
export type AcquireDefaults = Omit<AcquireOptions, (typeof NO_DEFAULTS)[number]>

/** Options with everything filled in, in milliseconds. */
export interface AcquireSettings {
  readonly ttlMs: number
  readonly graceMs: number
  readonly renew: boolean
  readonly waitMs: number
  readonly signal: AbortSignal | undefined
  readonly mode: LockMode
  /** How much of `capacity` it takes. */
  readonly units: number
  readonly capacity: number
  readonly maxHoldMs: number | undefined
  readonly steal: boolean
  readonly fair: Fairness
}

const NO_DEFAULTS = ['signal', 'mode', 'permits', 'steal'] as const
/** Of a name with readers and writers: a writer takes all of it, a reader 1. */
export const SHARED_CAPACITY = 2 ** 31
const PERMITS_MAX = 2 ** 31 - 1
const DEFAULT = { ttl: '30s', wait: '10s', renew: true } as const
const GRACE_MS_MIN = 50

/** @throws InvalidArgumentError for any value that could not be meant. */
export function resolveOptions(
  options: AcquireOptions,
  defaults: AcquireDefaults,
): AcquireSettings {
  checkOptions(options)
  const grace = given(options.grace, defaults.grace)
  const ttlMs = toMs(given(options.ttl, defaults.ttl, DEFAULT.ttl), 'ttl')
  const graceMs =
    grace === undefined
      ? Math.max(GRACE_MS_MIN, Math.floor(ttlMs / 20))
      : toMs(grace, 'grace', 0, LEASE_MS_MAX)
  if (validUntilMs(0, ttlMs + graceMs, graceMs) <= 0) {
    throw new InvalidArgumentError(
      'ttl is too short: the allowance for clocks leaves nothing of it',
    )
  }
  const waitMs = toWaitMs(given(options.wait, defaults.wait, DEFAULT.wait), 'wait')
  const maxHold = given(options.maxHold, defaults.maxHold)
  const { mode, signal, steal = false } = options
  const { units, capacity } = shareOf(options)
  const fair = given(options.fair, defaults.fair) ?? 'global'
  if (fair === 'process' && units < capacity) {
    throw new InvalidArgumentError("fair: 'process' is for exclusive locks")
  }
  return {
    ttlMs,
    graceMs,
    renew: given(options.renew, defaults.renew, DEFAULT.renew),
    waitMs: steal ? 0 : waitMs,
    signal,
    mode: mode ?? 'exclusive',
    units,
    capacity,
    maxHoldMs: maxHold === undefined ? undefined : toMs(maxHold, 'maxHold'),
    steal,
    fair,
  }
}

function shareOf({ mode, permits = 1 }: AcquireOptions): { units: number; capacity: number } {
  if (mode === undefined) return { units: 1, capacity: permits }
  return { units: mode === 'shared' ? 1 : SHARED_CAPACITY, capacity: SHARED_CAPACITY }
}

/** What is given of an option, by default, and at last: `undefined` counts as not given; `null` does not. */
function given<T>(own: T | undefined, byDefault: T | undefined, last: T): T
function given<T>(own: T | undefined, byDefault: T | undefined): T | undefined
function given<T>(own: T | undefined, byDefault: T | undefined, last?: T): T | undefined {
  if (own !== undefined) return own
  return byDefault === undefined ? last : byDefault
}

/** @throws InvalidArgumentError unless these can be options. */
export function checkOptions(options: AcquireOptions): void {
  if (typeof options !== 'object' || options === null) {
    throw new InvalidArgumentError('options must be an object')
  }
  checkFlag(options.renew, 'renew')
  checkFlag(options.steal, 'steal')
  checkShare(options)
  checkFair(options.fair)
  const { signal } = options
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new InvalidArgumentError('signal must be an AbortSignal')
  }
}

/** @throws InvalidArgumentError unless these can be options of every acquisition. */
export function checkDefaults(defaults: AcquireDefaults): void {
  checkOptions(defaults)
  const given: AcquireOptions = defaults
  const own = NO_DEFAULTS.find((option) => given[option] !== undefined)
  if (own) throw new InvalidArgumentError(`${own} is an option of an acquisition, not of all`)
}

/** @throws InvalidArgumentError */
export function checkFlag(value: unknown, what: string): void {
  if (value !== undefined && typeof value !== 'boolean') {
    throw new InvalidArgumentError(`${what} must be true or false`)
  }
}

function checkShare({ mode, permits, steal }: AcquireOptions): void {
  if (mode !== undefined && mode !== 'exclusive' && mode !== 'shared') {
    throw new InvalidArgumentError("mode must be 'exclusive' or 'shared'")
  }
  if (permits !== undefined && !isPermits(permits)) {
    throw new InvalidArgumentError(`permits must be a whole number from 1 to ${PERMITS_MAX}`)
  }
  if (mode !== undefined && permits !== undefined) {
    throw new InvalidArgumentError('a name has readers and writers or permits, not both')
  }
  if (steal && (permits !== undefined || mode === 'shared')) {
    throw new InvalidArgumentError('only an exclusive lock can be stolen')
  }
}

function checkFair(fair: unknown): void {
  if (fair !== undefined && fair !== 'global' && fair !== 'process' && fair !== false) {
    throw new InvalidArgumentError("fair must be 'global', 'process' or false")
  }
}

const isPermits = (value: number): boolean =>
  Number.isInteger(value) && value >= 1 && value <= PERMITS_MAX
