import { type Clock, systemClock } from '../clock.ts'
import type { LeaseStore } from '../contract/lease-store.ts'
import { type Duration, toMs } from '../duration.ts'
import { InvalidArgumentError } from '../errors.ts'
import { type Random, systemRandom } from '../random.ts'
import { QuorumStore } from './quorum-store.ts'

/** How a quorum treats its nodes. */
export interface QuorumOptions {
  /**
   * How long one node may take before it counts as down. Keep it below the `storeTimeout` of the locks.
   * Default 500 ms.
   */
  readonly nodeTimeout?: Duration
  /** For tests: time from elsewhere. Default `systemClock`. */
  readonly clock?: Clock
  /** For tests: chance from elsewhere. Default `systemRandom`. */
  readonly random?: Random
}

/**
 * One store made of several independent ones, never replicas of each other: a lease is held while a
 * majority of them holds it (Redlock). `createLocks(quorum([a, b, c]))` survives the loss of a minority.
 *
 * Each operation is one round, to all nodes at once, and is decided by the first majority that agrees.
 * A renewal counts the nodes that extended the lease; only then do nodes that lack it get it again, and
 * they count from the next renewal on. A lost majority is a lost lock, and is never acquired anew. What
 * a minority granted is taken back from every node, answered or not. No fence, queue, units or steal.
 *
 * **A node that comes back without its data** may grant what somebody else still holds on it. This object
 * notices when a node does not know a lease that it granted and that others still know; then the node's
 * grants do not count, for the longest ttl that was asked for here. It cannot notice leases of other
 * processes, nor a majority that has lost its data, nor anything before its own next renewal. So let a
 * node that may have lost writes come back no sooner than the longest ttl after it went, or let it
 * persist each write.
 *
 * `close()` waits for what is being taken back, for a `nodeTimeout` at most, and closes the stores; what a
 * node that does not answer still keeps is left to its ttl.
 * @throws InvalidArgumentError unless there is at least one store, none twice, and none a quorum itself.
 */
export function quorum(stores: readonly LeaseStore[], options: QuorumOptions = {}): LeaseStore {
  checkStores(stores)
  if (typeof options !== 'object' || options === null) {
    throw new InvalidArgumentError('options must be an object')
  }
  const { nodeTimeout = '500ms', clock = systemClock, random = systemRandom } = options
  return new QuorumStore(stores, clock, random, toMs(nodeTimeout, 'nodeTimeout'))
}

function checkStores(stores: readonly LeaseStore[]): void {
  if (!Array.isArray(stores) || stores.length === 0) {
    throw new InvalidArgumentError('a quorum needs an array of stores')
  }
  if (!Array.from(stores).every(isLeaseStore)) {
    throw new InvalidArgumentError('each store of a quorum must be a LeaseStore')
  }
  if (new Set(stores).size < stores.length) {
    throw new InvalidArgumentError('a store may be in a quorum only once')
  }
  if (stores.some(({ facts }) => facts.durability === 'quorum')) {
    throw new InvalidArgumentError('a store of a quorum must not be a quorum itself')
  }
}

function isLeaseStore(store: unknown): boolean {
  if (typeof store !== 'object' || store === null) return false
  const { facts, acquire, extend, release, inspect } = store as Partial<LeaseStore>
  const methods = [acquire, extend, release, inspect]
  return typeof facts === 'object' && methods.every((method) => typeof method === 'function')
}
