import type { Lock } from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'
import type { ObservedCommand } from '../store/store-observer.ts'
import type { Tally } from '../tally.ts'
import { EPOCH_MS, type World } from '../time/world.ts'
import type { QuorumNode } from './quorum-node.ts'

/** One acquisition from its grant to its end. */
interface Belief {
  readonly client: SimClient
  readonly lock: Lock
  readonly key: string
  /** By its own clock, when it was last looked at. */
  deadlineMs: number
  /** Nodes that have granted or extended it since its deadline last moved. */
  readonly confirmed: Set<number>
}

/** A token that its client has given up. */
interface GivenUp {
  readonly client: SimClient
  readonly key: string
  readonly atMs: number
}

/** What is left is told in whole milliseconds, and the clock rounds too. */
const ROUNDING_MS = 1.001

/** The invariants of a lock on a quorum, checked after every event. */
export class QuorumAudit {
  readonly #world: World
  readonly #tally: Tally
  readonly #nodes: readonly QuorumNode[]
  readonly #beliefs = new Map<string, Belief>()
  readonly #asked = new Map<string, { readonly client: SimClient; readonly key: string }>()
  readonly #givenUp = new Map<string, GivenUp>()
  readonly #wasGivenUp = new Set<string>()
  /** When its holder's clock has ended it. Its last renewal may still be on its way to some node. */
  readonly #expiredAtMs = new Map<string, number>()
  readonly #confirmed = new Map<string, Set<number>>()
  readonly #calls = new Set<SimClient>()

  constructor(world: World, tally: Tally, nodes: readonly QuorumNode[]) {
    this.#world = world
    this.#tally = tally
    this.#nodes = nodes
  }

  /** What the client of a node's store is seen to do. */
  observer(node: QuorumNode) {
    return {
      sent: (command: ObservedCommand) => this.#sent(command),
      executed: (command: ObservedCommand, reply: unknown) =>
        this.#executed(node, command, reply as { readonly state?: string }),
      answered: () => {},
    }
  }

  asking(client: SimClient): void {
    this.#calls.add(client)
  }

  /** P4: what is granted is held at this very moment. */
  granted(client: SimClient, key: string, lock: Lock): void {
    this.#tally.add('quorum grants')
    this.#calls.delete(client)
    const confirmed = this.#confirmed.get(lock.token) ?? new Set()
    const deadlineMs = client.clock.now() + lock.remaining
    this.#beliefs.set(lock.token, { client, lock, key, deadlineMs, confirmed })
    if (!lock.held) {
      this.#world.violate('P4', `c${client.id} is granted ${lock.token} with nothing left of it`)
    }
    this.#asked.delete(lock.token)
    this.#checkMajority(lock.token, confirmed)
    confirmed.clear()
  }

  /** Whatever it asked for in this call, it has no use for any more. */
  refused(client: SimClient, error: { readonly code?: string }): void {
    this.#tally.add('quorum refused', error.code)
    this.#calls.delete(client)
    for (const [token, { client: asker, key }] of this.#asked) {
      if (asker === client && !this.#beliefs.has(token)) this.#giveUp(token, client, key)
    }
    if (error.code !== 'STORE_UNAVAILABLE' && error.code !== 'LOCK_TIMEOUT') {
      this.#world.violate('error', `c${client.id}: ${error}`)
    }
  }

  released({ token }: Lock): void {
    const belief = this.#beliefs.get(token)
    if (belief) this.#giveUp(token, belief.client, belief.key)
  }

  watch(): void {
    const believed = new Map<string, Belief>()
    for (const belief of this.#beliefs.values()) {
      const { client, lock } = belief
      if (client.crashed) this.#beliefs.delete(lock.token)
      else if (!client.paused && !lock.held) this.#giveUp(lock.token, client, belief.key)
      else if (!client.paused) this.#watchHeld(belief, believed)
    }
    this.#watchGivenUp()
  }

  finish(): void {
    for (const client of this.#calls) {
      if (!client.crashed) this.#world.violate('wait', `c${client.id} waits for ever`)
    }
  }

  /** P1: believed by one; a majority knows the token, but for those that lost it and grant nothing yet. */
  #watchHeld(belief: Belief, believed: Map<string, Belief>): void {
    const { client, lock, key } = belief
    const other = believed.get(key)
    believed.set(key, belief)
    if (other) {
      const both = `c${other.client.id} (${other.lock.token}) and c${client.id} (${lock.token})`
      this.#world.violate('P1', `${both} both believe in ${key}`)
    }
    const behind = this.#nodes.filter(
      ({ server, isEmptied }) => isEmptied || server.leaseEndMs(key, lock.token) !== undefined,
    )
    if (2 * behind.length <= this.#nodes.length) {
      const count = `${behind.length} of ${this.#nodes.length} nodes`
      this.#world.violate('P1', `c${client.id} believes in ${lock.token} on ${count}`)
    }
    const deadlineMs = client.clock.now() + lock.remaining
    if (deadlineMs > belief.deadlineMs + ROUNDING_MS) {
      this.#tally.add('quorum extends')
      this.#checkMajority(lock.token, belief.confirmed)
      belief.confirmed.clear()
    }
    belief.deadlineMs = deadlineMs
  }

  /** Only what a majority has granted or extended moves a deadline. */
  #checkMajority(token: string, confirmed: ReadonlySet<number>): void {
    if (2 * confirmed.size > this.#nodes.length) return
    const count = `${confirmed.size} of ${this.#nodes.length} nodes`
    this.#world.violate('majority', `${token} is believed by the word of ${count}`)
  }

  /** P2: what is given up is soon given back by every node that can be reached. */
  #watchGivenUp(): void {
    for (const [token, { client, key, atMs }] of this.#givenUp) {
      const dueMs = client.limits.undoneByMs(atMs)
      if (!(this.#world.nowMs > dueMs)) continue
      const keeping = this.#nodes.find(
        ({ isDown, server }) => !isDown && server.leaseEndMs(key, token) !== undefined,
      )
      if (!keeping) this.#givenUp.delete(token)
      else this.#world.violate('P2', `${token} keeps ${key} on node ${keeping.id}`)
    }
  }

  /**
   * P5: nobody asks for anything with a token that is given up. Whose first release is sent is given up
   * from then on: the next one is due by the pauses that the tries before it have made longer.
   */
  #sent({ op, token, key, client }: ObservedCommand): void {
    if (op === 'release' && this.#asked.has(token)) this.#giveUp(token, client, key)
    if (op !== 'acquire' && op !== 'extend') return
    const expiredAtMs = this.#expiredAtMs.get(token)
    const isOver = this.#world.nowMs > client.limits.answeredByMs(expiredAtMs ?? Infinity)
    if (this.#wasGivenUp.has(token) || isOver) {
      this.#world.violate('P5', `an ${op} carries ${token}, which is given up`)
    }
    if (op === 'acquire' && expiredAtMs === undefined) this.#ask(token, client, key)
  }

  /** With its first acquire; the one before has come to nothing. */
  #ask(token: string, client: SimClient, key: string): void {
    if (this.#asked.has(token) || this.#beliefs.has(token)) return
    for (const [earlier, asked] of this.#asked) {
      if (asked.client === client) this.#giveUp(earlier, client, asked.key)
    }
    this.#asked.set(token, { client, key })
  }

  #giveUp(token: string, client: SimClient, key: string): void {
    const belief = this.#beliefs.get(token)
    this.#beliefs.delete(token)
    this.#asked.delete(token)
    const { reason } = (belief?.lock.signal.reason ?? {}) as { readonly reason?: string }
    // Who has lost a lock by its own clock sends nothing more: it ends by itself.
    if (reason === 'expired' || reason === 'unreachable') {
      this.#expiredAtMs.set(token, this.#world.nowMs)
      return
    }
    this.#wasGivenUp.add(token)
    this.#givenUp.set(token, { client, key, atMs: this.#world.nowMs })
  }

  #executed(node: QuorumNode, command: ObservedCommand, { state }: { readonly state?: string }) {
    const { key, token, op } = command
    this.#tally.add(`quorum ${op}`, state)
    const untilMs = node.server.leases.get(key)?.holders.get(token)?.untilMs
    if (untilMs !== undefined) this.#world.at(untilMs - EPOCH_MS, 'lease end', () => {})
    const belief = this.#beliefs.get(token)
    if (op === 'extend' && state === 'extended') belief?.confirmed.add(node.id)
    if (op !== 'acquire' || state !== 'granted' || belief) return
    const confirmed = this.#confirmed.get(token) ?? new Set()
    this.#confirmed.set(token, confirmed.add(node.id))
  }
}
