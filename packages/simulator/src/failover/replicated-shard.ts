import type { SimClient } from '../fleet/sim-client.ts'
import type { World } from '../time/world.ts'
import type { NodeLink } from './node-link.ts'
import { cloneLease } from './replicated-server.ts'
import type { ShardNode } from './shard-node.ts'

/** How a replica is elected: the one that has most of what was written, or whichever. */
export type Election = 'best' | 'any'

/** What a client gets to know of a new master later than the cluster does. */
const SYNC_MS_MAX = 80

/** The nodes of one shard, who their master is, and who reaches which. */
export class ReplicatedShard {
  readonly nodes: readonly ShardNode[]
  /** Elected, even if another one still believes to be it. */
  master: ShardNode
  /** When something of a failover last happened. */
  failedAtMs = Number.NEGATIVE_INFINITY
  readonly links = new Set<NodeLink>()
  readonly #world: World
  readonly #views = new Map<SimClient, ShardNode>()
  /** A master that is cut off, and who is cut off with it. */
  #isolated: { readonly node: ShardNode; readonly clients: ReadonlySet<SimClient> } | undefined

  constructor(world: World, nodes: readonly ShardNode[]) {
    this.#world = world
    this.nodes = nodes
    const [master, ...replicas] = nodes as [ShardNode, ...ShardNode[]]
    this.master = master
    for (const replica of replicas) replica.master = master
    for (const node of nodes) {
      node.server.onChange = (key, state) => {
        const change = { key, state: cloneLease(state), offset: ++node.offset }
        for (const replica of this.replicasOf(node)) replica.follow(change)
      }
    }
  }

  get hasFailed(): boolean {
    return this.failedAtMs > Number.NEGATIVE_INFINITY
  }

  /** A master that is cut off goes on for those who reach it. */
  get isSplit(): boolean {
    return this.#isolated !== undefined
  }

  replicasOf(master: ShardNode): ShardNode[] {
    return this.nodes.filter((node) => node.master === master)
  }

  reaches(client: SimClient, node: ShardNode): boolean {
    if (node.isDown) return false
    const isolated = this.#isolated
    return !isolated || (node === isolated.node) === isolated.clients.has(client)
  }

  /** Whom the client takes for the master. */
  viewOf(client: SimClient): ShardNode {
    return this.#views.get(client) ?? (this.nodes[0] as ShardNode)
  }

  /** Where a command goes that finds its way: `undefined` = nowhere now. */
  route(client: SimClient): ShardNode | undefined {
    const seen = this.viewOf(client)
    if (seen.isMaster && this.reaches(client, seen)) return seen
    if (!this.reaches(client, this.master)) return undefined
    this.#views.set(client, this.master)
    return this.master
  }

  /** The master is no more, and loses no data that was not its own. */
  crash(): void {
    this.master.isDown = true
    this.#failed()
    this.#breakLinks(this.master)
  }

  /** It goes on for these clients alone, without its replicas. */
  isolate(clients: ReadonlySet<SimClient>): void {
    this.#isolated = { node: this.master, clients }
    this.#failed()
    for (const replica of this.replicasOf(this.master)) replica.cut()
    for (const link of this.links) {
      if (!this.reaches(link.client, link.node)) link.goSilent()
    }
  }

  elect(election: Election): ShardNode {
    const old = this.master
    const { dice } = this.#world
    const replicas = this.replicasOf(old) as [ShardNode, ...ShardNode[]]
    const best = replicas.reduce((one, other) => (other.offset > one.offset ? other : one))
    const elected = election === 'best' ? best : dice.pick(replicas)
    elected.promote()
    this.master = elected
    for (const replica of replicas) {
      if (replica !== elected) this.#follow(replica)
    }
    this.#failed()
    return elected
  }

  /** The old master is back, as a replica. */
  heal(old: ShardNode): void {
    old.isDown = false
    this.#isolated = undefined
    this.#breakLinks(old)
    this.#follow(old)
    this.#failed()
  }

  /** It is back before anybody has noticed, and its replicas take over that it knows nothing. */
  wipe(): void {
    this.#breakLinks(this.master)
    this.master.restartEmpty()
    for (const replica of this.replicasOf(this.master)) replica.sync()
    this.#failed()
  }

  #follow(replica: ShardNode): void {
    replica.master = this.master
    replica.cut()
    this.#world.in(this.#world.dice.between(1, SYNC_MS_MAX), 'sync', () => replica.sync())
  }

  #breakLinks(node: ShardNode): void {
    for (const link of this.links) {
      if (link.node === node) link.break()
      for (const line of link.client.lines) line.drop()
    }
  }

  #failed(): void {
    this.failedAtMs = this.#world.nowMs
  }
}
