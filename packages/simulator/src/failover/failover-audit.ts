import type { AcquireRequest, Lock } from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'
import type { ObservedCommand } from '../store/store-observer.ts'
import type { Tally } from '../tally.ts'
import type { World } from '../time/world.ts'
import { type FailoverPlan, hasHoles, replicasNeeded } from './failover-plan.ts'
import { GivenUpCheck } from './given-up-check.ts'
import { toRealMs } from './replicated-server.ts'
import type { ReplicatedShard } from './replicated-shard.ts'
import type { ShardNode } from './shard-node.ts'

/** One acquisition from its grant to its end. */
interface Belief {
  readonly client: SimClient
  readonly lock: Lock
  readonly key: string
  /** By its own clock, when it was last looked at. */
  deadlineMs: number
  /** The shard has forgotten it, in a way that is expected. */
  isForgotten: boolean
}

/** What is left is told in whole milliseconds, and the clock rounds too. */
const ROUNDING_MS = 1.001

/** The invariants of a lock on a shard with replicas, checked after every event. */
export class FailoverAudit {
  readonly #world: World
  readonly #tally: Tally
  readonly #shard: ReplicatedShard
  readonly #plan: FailoverPlan
  readonly #beliefs = new Map<string, Belief>()
  readonly #asked = new Map<string, { readonly client: SimClient; readonly key: string }>()
  readonly #givenUp: GivenUpCheck
  readonly #calls = new Set<SimClient>()
  /** Until when which replica knows a token, in real time; by token. */
  readonly #known = new Map<string, Map<ShardNode, number>>()
  /** When a token's lease ends in real time: by the clock of who wrote it, whoever handed it on. */
  readonly #endsMs = new Map<string, number>()
  /** The greatest fence that anybody was given, per key, and as it was when a client began to ask. */
  readonly #fences = new Map<string, number>()
  readonly #floors = new Map<SimClient, ReadonlyMap<string, number>>()
  readonly #doubles = new Set<string>()

  constructor(world: World, tally: Tally, shard: ReplicatedShard, plan: FailoverPlan) {
    this.#world = world
    this.#tally = tally
    this.#shard = shard
    this.#plan = plan
    this.#givenUp = new GivenUpCheck(world, shard)
    for (const node of shard.nodes) node.onApplied = (...applied) => this.#applied(...applied)
  }

  /** Who asks with a token has no use any more for the one before it. */
  asks(client: SimClient, { key, token }: AcquireRequest): void {
    if (this.#asked.has(token) || this.#beliefs.has(token)) return
    for (const [earlier, asked] of this.#asked) {
      if (asked.client === client) this.#giveUp(earlier, client, asked.key)
    }
    this.#asked.set(token, { client, key })
  }

  /**
   * Whose first leave is sent is given up from then on, not only when its caller asks anew: in between the
   * link may mend, and the next try is due by the pauses that the tries before it have made longer.
   */
  sent({ client, op, key, token }: ObservedCommand): void {
    if (op === 'leave' && this.#asked.has(token)) this.#giveUp(token, client, key)
  }

  /** The shard pushes a grant. */
  pushed(token: string): void {
    this.#givenUp.pushed(token)
  }

  asking(client: SimClient): void {
    this.#calls.add(client)
    this.#floors.set(client, new Map(this.#fences))
  }

  granted(client: SimClient, key: string, lock: Lock): void {
    this.#tally.add('failover grants', this.#kind)
    this.#calls.delete(client)
    this.#asked.delete(lock.token)
    const deadlineMs = client.clock.now() + lock.remaining
    const belief = { client, lock, key, deadlineMs, isForgotten: false }
    this.#beliefs.set(lock.token, belief)
    if (!lock.held) {
      this.#world.violate('P4', `c${client.id} is granted ${lock.token} with nothing left of it`)
    }
    const { fence = 0 } = lock
    const floor = this.#floors.get(client)?.get(key) ?? 0
    if (fence <= floor) {
      this.#world.violate('P6', `a caller gets fence ${fence} of ${key}, after ${floor} was known`)
    }
    this.#fences.set(key, Math.max(fence, this.#fences.get(key) ?? 0))
    this.#checkConfirmed(belief)
  }

  refused(client: SimClient, error: { readonly code?: string }): void {
    this.#tally.add('failover refused', error.code)
    this.#calls.delete(client)
    for (const [token, { client: asker, key }] of this.#asked) {
      if (asker === client) this.#giveUp(token, client, key)
    }
    if (error.code !== 'STORE_UNAVAILABLE' && error.code !== 'LOCK_TIMEOUT') {
      this.#world.violate('error', `c${client.id}: ${error}`)
    }
  }

  /** No replica can make a release fail. */
  released({ token }: Lock, outcome: Promise<boolean>): void {
    const belief = this.#beliefs.get(token)
    if (!belief) return
    const { client, key } = belief
    const atMs = this.#world.nowMs
    this.#giveUp(token, client, key)
    outcome.catch((error: Error) => {
      if (!client.limits.quietSince(atMs) || this.#shard.failedAtMs >= atMs) return
      this.#world.violate('release', `c${client.id} cannot release ${token}: ${error.message}`)
    })
  }

  watch(): void {
    const believed = new Map<string, Belief>()
    for (const belief of this.#beliefs.values()) {
      const { client, lock } = belief
      if (client.crashed) this.#beliefs.delete(lock.token)
      else if (!client.paused && !lock.held) this.#giveUp(lock.token, client, belief.key)
      else if (!client.paused) this.#watchHeld(belief, believed)
    }
    this.#givenUp.watch()
  }

  finish(): void {
    for (const client of this.#calls) {
      if (!client.crashed) this.#world.violate('wait', `c${client.id} waits for ever`)
    }
  }

  /** P1: believed by one, and the master knows the token; but where a failover is expected to lose it. */
  #watchHeld(belief: Belief, believed: Map<string, Belief>): void {
    const { client, lock, key } = belief
    const { master } = this.#shard
    if (master.server.leaseEndMs(key, lock.token) === undefined) this.#isGone(belief)
    const other = believed.get(key)
    if (other) this.#isDouble(belief, other)
    believed.set(key, belief)
    const deadlineMs = client.clock.now() + lock.remaining
    if (deadlineMs > belief.deadlineMs + ROUNDING_MS) {
      this.#tally.add('failover extends', this.#kind)
      this.#checkConfirmed(belief)
    }
    belief.deadlineMs = deadlineMs
  }

  #isGone(belief: Belief): void {
    const { client, lock } = belief
    if (belief.isForgotten) return
    belief.isForgotten = true
    if (this.#shard.hasFailed && hasHoles(this.#plan)) {
      this.#tally.add('failover forgets', this.#kind)
      return
    }
    this.#world.violate('P1', `c${client.id} believes in ${lock.token}, which the master forgot`)
  }

  /** Where it is expected, the fence still orders the two. */
  #isDouble(one: Belief, other: Belief): void {
    const both = [one, other]
    const names = both.map(({ client, lock }) => `c${client.id} (${lock.token})`).join(' and ')
    if (!both.some(({ isForgotten }) => isForgotten)) {
      this.#world.violate('P1', `${names} both believe in ${one.key}`)
    }
    if (this.#doubles.has(names)) return
    this.#doubles.add(names)
    this.#tally.add('failover double grants', this.#kind)
    const [forgotten, known] = one.isForgotten ? both : both.toReversed()
    const isOrdered = Number(forgotten?.lock.fence) < Number(known?.lock.fence)
    // A master that is cut off may grant its own after the other one has.
    if (known?.isForgotten || isOrdered || this.#plan.fails === 'isolate') return
    this.#world.violate('P6', `the fences of ${names} are not in the order of their grants`)
  }

  /** Enough replicas know it for as long as it is believed. */
  #checkConfirmed({ client, lock }: Belief): void {
    const { confirm } = this.#plan
    if (confirm === 0) return
    const needed = replicasNeeded(this.#plan, this.#shard.hasFailed)
    const endMs = this.#world.nowMs + lock.remaining / client.rate
    const known = [...(this.#known.get(lock.token)?.values() ?? [])]
    const knowing = known.filter((untilMs) => untilMs >= endMs)
    if (knowing.length >= needed) return
    const count = `${knowing.length} of ${needed} replicas`
    this.#world.violate('confirmed', `${lock.token} is believed by the word of ${count}`)
  }

  #applied(node: ShardNode, writer: ShardNode, key: string): void {
    for (const [token, { untilMs }] of node.server.lease(key).holders) {
      const known = this.#known.get(token) ?? new Map<ShardNode, number>()
      this.#known.set(token, known)
      const written = `${token} ${untilMs}`
      const endMs = this.#endsMs.get(written) ?? toRealMs(untilMs, writer.server.aheadMs)
      this.#endsMs.set(written, endMs)
      // By its own clock it may be over already: then it would grant it to others.
      if (node.server.knowsForMs(key, token) > 0) {
        known.set(node, Math.max(endMs, known.get(node) ?? 0))
      }
      this.#world.at(endMs, 'lease end', () => {})
    }
  }

  #giveUp(token: string, client: SimClient, key: string): void {
    const belief = this.#beliefs.get(token)
    this.#beliefs.delete(token)
    this.#asked.delete(token)
    const { reason } = (belief?.lock.signal.reason ?? {}) as { readonly reason?: string }
    // Who has lost a lock by its own clock sends nothing more: it ends by itself.
    if (reason === 'expired' || reason === 'unreachable') return
    this.#givenUp.add(token, client, key)
  }

  get #kind(): string {
    return this.#plan.confirm === 0 ? 'plain' : 'confirmed'
  }
}
