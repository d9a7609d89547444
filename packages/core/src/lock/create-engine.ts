import { systemClock } from '../clock.ts'
import type { LeaseStore, PushedGrant, PushedLoss } from '../contract/lease-store.ts'
import { toMs } from '../duration.ts'
import { guarded } from '../guarded.ts'
import { systemRandom } from '../random.ts'
import type { LocksOptions } from './create-locks.ts'
import { DroppedHandles } from './dropped-handles.ts'
import type { Engine } from './engine.ts'
import { GrantInbox } from './grant-inbox.ts'
import { LeaseClient } from './lease-client.ts'
import { LockContext } from './lock-context.ts'
import { Thefts } from './thefts.ts'
import { Tracing } from './tracing.ts'
import { Undo } from './undo.ts'
import { WaitingLines } from './waiting-lines.ts'

/** A pushed grant that is older is confirmed before anybody believes it. */
const PUSH_MS_MAX = 2000

/** What is held here, by owner token. */
export interface Holdings {
  holds(token: string): boolean
  /** The greatest fence of what is held here under `key`; 0 = nothing is. */
  fenceOf(key: string): number
  /** The lease with this token, if it is held here, is another's now, unless it is younger than that. */
  stolen(token: string, thiefFence: number): void
}

/**
 * The parts of one `Locks`.
 * @throws InvalidArgumentError for a wrong store timeout.
 */
export function createEngine(
  store: LeaseStore,
  prefix: string,
  options: LocksOptions,
  holdings: Holdings,
): Engine {
  const { clock = systemClock, random = systemRandom, storeTimeout = '2s', onEvent } = options
  const tracing = new Tracing(options.traceNames ?? 'hashed')
  const emit = tracing.emitter(guarded(onEvent))
  const leases = new LeaseClient(store, clock, toMs(storeTimeout, 'storeTimeout'))
  const undo = new Undo(leases, clock, random)
  // Its waiter has gone: without this its lease would stand in everybody's way until it ends.
  // One that comes again, or behind the reply that granted the same, is the lease of a holder.
  const orphaned = ({ key, token, remainingMs }: PushedGrant) => {
    if (!holdings.holds(token)) undo.start({ key, token, ttlMs: remainingMs })
  }
  const underWayMs = Math.max(2 * leases.deadlineMs, PUSH_MS_MAX)
  const thefts = new Thefts(clock, underWayMs, (key) => holdings.fenceOf(key))
  const stolen = ({ token, thiefFence }: PushedLoss) => {
    thefts.heard(token, thiefFence)
    holdings.stolen(token, thiefFence)
  }
  const inbox = new GrantInbox(store, clock, random, prefix, { orphaned, stolen })
  const lines = new WaitingLines(clock)
  const context = new LockContext()
  const dropped = new DroppedHandles(emit)
  const listens = onEvent !== undefined
  return {
    leases,
    undo,
    inbox,
    lines,
    thefts,
    clock,
    random,
    emit,
    listens,
    context,
    tracing,
    dropped,
  }
}
