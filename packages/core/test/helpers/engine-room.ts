import type { LossReason } from '../../src/errors.ts'
import { createLocks, type LocksOptions } from '../../src/lock/create-locks.ts'
import type { Lock } from '../../src/lock/lock.ts'
import type { LockEvent } from '../../src/lock/lock-event.ts'
import type { Locks } from '../../src/lock/locks.ts'
import { ManualClock } from './manual-clock.ts'
import { SeededRandom } from './seeded-random.ts'
import { StepStore } from './step-store.ts'

export interface EngineRoom {
  readonly clock: ManualClock
  readonly store: StepStore
  readonly locks: Locks
  readonly events: LockEvent[]
}

/**
 * Locks on a store and a clock that the test controls. The jitter is at its upper end: a delay is what
 * its rule says, just not more.
 */
export function engineRoom(options: LocksOptions = {}): EngineRoom {
  const clock = new ManualClock()
  const store = new StepStore(clock)
  const events: LockEvent[] = []
  const onEvent = (event: LockEvent) => events.push(event)
  const random = new SeededRandom(1, 1)
  const locks = createLocks(store, { clock, random, onEvent, ...options })
  return { clock, store, locks, events }
}

/** The store key of the name `n`, which the tests use unless names matter. */
export const KEY = 'locks:l1:{n}'

/** The default ttl and grace, and how long such a lease is believed: 1 % + 2 ms less. */
export const TTL = 30_000
export const GRACE = 1500
export const VALID = TTL - 0.01 * (TTL + GRACE) - 2

/** Why `lock` was lost, by its signal; `undefined` while it is not aborted. */
export function lossOf(lock: Lock): LossReason | undefined {
  return lock.signal.reason?.reason
}
