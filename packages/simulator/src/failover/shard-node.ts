import type { LeaseState } from '@locks/core/spec'
import type { World } from '../time/world.ts'
import { cloneLease, type ReplicatedServer } from './replicated-server.ts'

/** What a master tells its replicas. */
export interface Change {
  readonly key: string
  readonly state: LeaseState
  readonly offset: number
}

/** Who waits for replicas, from a WAIT until its answer. */
interface Waiting {
  readonly needed: number
  readonly offset: number
  readonly answer: (count: number) => void
}

/** One server of a shard: its master, or a replica that follows it with a lag of its own. */
export class ShardNode {
  readonly id: number
  readonly server: ReplicatedServer
  readonly #world: World
  /** Everyday delay of what its master has written, at most. */
  readonly lagMs: number
  /** Whom it follows. A master follows nobody. */
  master: ShardNode | undefined
  isDown = false
  /** Its connections stay up, and it executes nothing. */
  isFrozen = false
  /** Nothing that its master writes arrives. */
  isCut = false
  /** How far it has what its master has written; how much it has written itself. */
  offset = 0
  #acked = new Map<ShardNode, number>()
  #waiting = new Set<Waiting>()
  /** Of its connection to its master: what is on its way on an earlier one is lost. */
  #link = 0
  #lastArrivalMs = 0
  #backlog: Change[] = []
  /** Looks on while it has taken over what its master wrote. */
  onApplied: (node: ShardNode, writer: ShardNode, key: string) => void = () => {}

  constructor(id: number, world: World, server: ReplicatedServer, lagMs: number) {
    this.id = id
    this.server = server
    this.#world = world
    this.lagMs = lagMs
  }

  get address(): string {
    return `node-${this.id}:6379`
  }

  get isMaster(): boolean {
    return this.master === undefined
  }

  /** As WAIT: answers when so many replicas have what was written up to `offset`, or when time is over. */
  wait(needed: number, offset: number, withinMs: number, answer: (count: number) => void): void {
    const waiting: Waiting = { needed, offset, answer }
    this.#waiting.add(waiting)
    this.#world.in(withinMs, 'wait is over', () => this.#settle(waiting))
    this.#settleAll()
  }

  /** By the master: a change sets out. */
  follow(change: Change): void {
    if (this.isCut || this.isDown) return
    const { dice, nowMs } = this.#world
    const link = this.#link
    this.#lastArrivalMs = Math.max(this.#lastArrivalMs, nowMs + dice.between(0.1, this.lagMs))
    this.#world.at(this.#lastArrivalMs, 'replicate', () => {
      if (link !== this.#link || this.isDown) return
      if (this.isFrozen) this.#backlog.push(change)
      else this.#apply(change)
    })
  }

  freeze(): void {
    this.isFrozen = true
  }

  thaw(): void {
    this.isFrozen = false
    for (const change of this.#backlog.splice(0)) this.#apply(change)
  }

  cut(): void {
    this.isCut = true
    this.#link++
    this.#backlog = []
  }

  /** Connected anew, it gets all that its master has. */
  sync(): void {
    const { master } = this
    if (!master || master.isDown || this.isDown) return
    this.cut()
    this.isCut = false
    this.server.copy(master.server)
    this.offset = master.offset
    for (const key of this.server.leases.keys()) this.onApplied(this, master, key)
    this.#acknowledge()
  }

  promote(): void {
    this.cut()
    this.thaw()
    this.isCut = false
    this.master = undefined
  }

  /** What it forgets, it forgets of its replicas too. */
  restartEmpty(): void {
    this.server.leases.clear()
    this.offset = 0
    this.#acked.clear()
    this.#waiting.clear()
  }

  #apply({ key, state, offset }: Change): void {
    const { master } = this
    if (!master) return
    this.server.leases.set(key, cloneLease(state))
    this.offset = offset
    this.onApplied(this, master, key)
    this.#acknowledge()
  }

  #acknowledge(): void {
    const { master, offset } = this
    const link = this.#link
    this.#world.in(this.#world.dice.between(0.1, 2), 'acknowledge', () => {
      if (link === this.#link && master === this.master) master?.acknowledged(this, offset)
    })
  }

  private acknowledged(replica: ShardNode, offset: number): void {
    this.#acked.set(replica, offset)
    this.#settleAll()
  }

  #settleAll(): void {
    for (const waiting of this.#waiting) {
      if (this.#count(waiting) >= waiting.needed) this.#settle(waiting)
    }
  }

  #settle(waiting: Waiting): void {
    if (this.#waiting.delete(waiting)) waiting.answer(this.#count(waiting))
  }

  #count({ offset }: Waiting): number {
    return [...this.#acked.values()].filter((acked) => acked >= offset).length
  }
}
