import { systemClock } from '../clock.ts'
import type { LeaseStore, PushedGrant } from '../contract/lease-store.ts'
import { toMs } from '../duration.ts'
import { guarded } from '../guarded.ts'
import { systemRandom } from '../random.ts'
import type { LocksOptions } from './create-locks.ts'
import type { Engine } from './engine.ts'
import { GrantInbox } from './grant-inbox.ts'
import { LeaseClient } from './lease-client.ts'
import { LockContext } from './lock-context.ts'
import { Undo } from './undo.ts'

/**
 * The parts of one `Locks`. `holds` says whether a token is that of a lock held here.
 * @throws InvalidArgumentError for a wrong store timeout.
 */
export function createEngine(
  store: LeaseStore,
  prefix: string,
  options: LocksOptions,
  holds: (token: string) => boolean,
): Engine {
  const { clock = systemClock, random = systemRandom, storeTimeout = '2s', onEvent } = options
  const leases = new LeaseClient(store, clock, toMs(storeTimeout, 'storeTimeout'))
  const undo = new Undo(leases, clock, random)
  // Its waiter has gone: without this its lease would stand in everybody's way until it ends.
  // One that comes again, or behind the reply that granted the same, is the lease of a holder.
  const giveBack = ({ key, token, remainingMs }: PushedGrant) => {
    if (!holds(token)) undo.start({ key, token, ttlMs: remainingMs })
  }
  const inbox = new GrantInbox(store, clock, random, prefix, giveBack)
  return { leases, undo, inbox, clock, random, emit: guarded(onEvent), context: new LockContext() }
}
