import { checkGiven } from '../check-given.ts'
import type { Clock } from '../clock.ts'
import type { LeaseStore } from '../contract/lease-store.ts'
import type { Duration } from '../duration.ts'
import { InvalidArgumentError } from '../errors.ts'
import type { Random } from '../random.ts'
import type { LockListener } from './lock-event.ts'
import type { Locks } from './locks.ts'
import { type AcquireDefaults, checkDefaults } from './options.ts'
import { StoreLocks } from './store-locks.ts'
import type { TraceNames } from './tracing.ts'

/** The defaults of all locks of one `createLocks`, and how its store is called. */
export interface LocksOptions extends AcquireDefaults {
  /** Begins every key. Services that share a store and must not share names differ in it. Default `locks`. */
  readonly prefix?: string
  /** How long one store call may take before its outcome counts as unknown. Default 2 s. */
  readonly storeTimeout?: Duration
  /** Told of every acquisition, renewal, release and loss. */
  readonly onEvent?: LockListener
  /** How lock names appear on the diagnostics channels. Default `hashed`: 16 hex digits of the SHA-256. */
  readonly traceNames?: TraceNames
  /** For tests: time from elsewhere. Default `systemClock`. */
  readonly clock?: Clock
  /** For tests: chance from elsewhere. Default `systemRandom`. */
  readonly random?: Random
}

/**
 * Locks on a store.
 * @throws InvalidArgumentError for a wrong option, or a store that is none.
 */
export function createLocks(store: LeaseStore, options: LocksOptions = {}): Locks {
  checkGiven(store, 'a store of locks', 'acquire', 'extend', 'release')
  checkGiven(store.facts, 'the facts of a store')
  checkDefaults(options)
  if (options.onEvent !== undefined && typeof options.onEvent !== 'function') {
    throw new InvalidArgumentError('onEvent must be a function')
  }
  const { traceNames = 'hashed' } = options
  if (traceNames !== 'hashed' && traceNames !== 'plain') {
    throw new InvalidArgumentError("traceNames must be 'hashed' or 'plain'")
  }
  return new StoreLocks(store, options)
}
