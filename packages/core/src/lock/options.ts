import { type Duration, LEASE_MS_MAX, toMs, toWaitMs } from '../duration.ts'
import { InvalidArgumentError } from '../errors.ts'
import { validUntilMs } from './validity.ts'

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
}

/** Options with everything filled in, in milliseconds. */
export interface AcquireSettings {
  readonly ttlMs: number
  readonly graceMs: number
  readonly renew: boolean
  readonly waitMs: number
  readonly signal: AbortSignal | undefined
}

const DEFAULT = { ttl: '30s', wait: '10s', renew: true } as const
const GRACE_MS_MIN = 50

/** @throws InvalidArgumentError for any value that could not be meant. */
export function resolveOptions(options: AcquireOptions, defaults: AcquireOptions): AcquireSettings {
  checkOptions(options)
  const { ttl, grace, renew, wait, signal } = merged(options, merged(defaults, DEFAULT))
  const ttlMs = toMs(ttl, 'ttl')
  const graceMs =
    grace === undefined
      ? Math.max(GRACE_MS_MIN, Math.floor(ttlMs / 20))
      : toMs(grace, 'grace', 0, LEASE_MS_MAX)
  if (validUntilMs(0, ttlMs + graceMs, graceMs) <= 0) {
    throw new InvalidArgumentError(
      'ttl is too short: the allowance for clocks leaves nothing of it',
    )
  }
  return { ttlMs, graceMs, renew, waitMs: toWaitMs(wait, 'wait'), signal }
}

/** `undefined` counts as not given; `null` does not. */
function merged<Defaults extends AcquireOptions>(
  options: AcquireOptions,
  defaults: Defaults,
): AcquireOptions & Defaults {
  const given = Object.entries(options).filter(([, value]) => value !== undefined)
  return { ...defaults, ...Object.fromEntries(given) }
}

/** @throws InvalidArgumentError unless these can be options. */
export function checkOptions(options: AcquireOptions): void {
  if (typeof options !== 'object' || options === null) {
    throw new InvalidArgumentError('options must be an object')
  }
  const { renew, signal } = options
  if (renew !== undefined && typeof renew !== 'boolean') {
    throw new InvalidArgumentError('renew must be true or false')
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new InvalidArgumentError('signal must be an AbortSignal')
  }
}
