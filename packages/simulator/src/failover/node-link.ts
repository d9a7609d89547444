import type { AcquireRequest, ExtendRequest, StealRequest } from '@locks/core'
import type { NodeConnection } from '@locks/redis-cluster/parts'
import type { SimClient } from '../fleet/sim-client.ts'
import { isIn, type TroubleTime } from '../net/trouble-time.ts'
import { describe } from '../store/store-parcel.ts'
import type { ReplicatedShard } from './replicated-shard.ts'
import type { ShardNode } from './shard-node.ts'

type Argument = string | Buffer

interface Call {
  readonly args: readonly string[]
  resolve(reply: unknown): void
  reject(error: Error): void
}

export interface LinkOptions {
  readonly trouble: TroubleTime
  readonly storeTimeoutMs: number
}

/** There are several commands to one confirmation. */
const RARER = 4

/** One connection of a client to one node: in order, until it breaks or says nothing any more. */
export class NodeLink implements NodeConnection {
  readonly client: SimClient
  readonly node: ShardNode
  readonly #shard: ReplicatedShard
  readonly #options: LinkOptions
  readonly #listeners = new Map<string, (() => void)[]>()
  readonly #pending = new Set<Call>()
  #inbox: Call[] = []
  #isBusy = false
  #isSilent = false
  #isUp = false
  #isClosed = false
  /** Of the connections that it makes, one after the other. */
  #generation = 0
  /** The last write by this very connection, as WAIT looks at it. */
  #written = 0
  #arrivalMs = 0
  #replyMs = 0

  constructor(client: SimClient, node: ShardNode, shard: ReplicatedShard, options: LinkOptions) {
    this.client = client
    this.node = node
    this.#shard = shard
    this.#options = options
  }

  connect(): Promise<void> {
    return new Promise((resolve, reject) => {
      const open = () => {
        if (this.#isClosed) return
        if (this.#shard.reaches(this.client, this.node)) {
          this.#shard.links.add(this)
          this.#isUp = true
          resolve()
          return
        }
        this.#emit('error')
        reject(new Error('connect ECONNREFUSED'))
      }
      this.#in(2 * this.#latencyMs(), 'link up', open)
    })
  }

  on(event: string, listener: () => void): void {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener])
  }

  onMoved(): void {}

  async subscribe(): Promise<void> {}
  async unsubscribe(): Promise<void> {}
  async sSubscribe(): Promise<void> {}
  async sUnsubscribe(): Promise<void> {}

  destroy(): void {
    this.#isClosed = true
    this.#shard.links.delete(this)
    this.#drop()
  }

  sendCommand(args: Argument[]): Promise<unknown> {
    if (this.#isClosed) return Promise.reject(new Error('the client is closed'))
    return new Promise((resolve, reject) => {
      const call = { args: args.map(String), resolve, reject }
      this.#pending.add(call)
      this.#send(call)
    })
  }

  /** The connection is lost. When the client has noticed, it makes another one to the same node. */
  break(): void {
    if (!this.#isUp) return
    const noticedMs = this.client.world.dice.between(0.1, 5)
    this.#inbox = []
    this.#isBusy = false
    this.#isSilent = false
    this.#isUp = false
    this.#generation++
    this.#written = 0
    this.#disturb(2 * noticedMs)
    const back = () => {
      this.#isUp = true
      for (const call of this.#pending) this.#send(call)
    }
    this.#in(noticedMs, 'link lost', () => {
      if (this.#isClosed) return
      this.#drop()
      this.#emit('reconnecting')
      if (!this.#isClosed) this.#in(noticedMs, 'link back', back)
    })
  }

  /** Nothing comes or goes any more, and nobody says so. */
  goSilent(): void {
    this.#isSilent = true
    this.#disturb(0)
  }

  /** Executes what has arrived. */
  pump(): void {
    const { node } = this
    while (!this.#isBusy && !node.isFrozen && !node.isDown) {
      const call = this.#inbox.shift()
      if (!call) return
      this.#execute(call)
    }
  }

  #send(call: Call): void {
    const { client } = this
    const { world, faults } = client
    const isTroubled = isIn(this.#options.trouble, world.nowMs)
    const delayMs = this.#latencyMs() + (isTroubled ? this.#faultMs() : 0)
    if (this.#isSilent || !this.#isUp || !this.#shard.reaches(client, this.node)) {
      this.#disturb(0)
      return
    }
    this.#arrivalMs = Math.max(this.#arrivalMs + 0.01, world.nowMs + delayMs)
    const generation = this.#generation
    world.at(this.#arrivalMs, 'arrive', () => {
      if (generation !== this.#generation) return
      this.#inbox.push(call)
      this.pump()
    })
    if (isTroubled && world.dice.chance(faults.loseReply / RARER)) this.goSilent()
  }

  /** What happens to the link as a command is sent; how much later the command arrives. */
  #faultMs(): number {
    const { world, faults } = this.client
    const hit = (chance: number) => world.dice.chance(chance / RARER)
    if (hit(faults.reset)) this.break()
    else if (hit(faults.loseRequest + faults.late)) this.goSilent()
    else if (hit(faults.slow)) {
      const slowMs = world.dice.between(0.1, 0.8) * this.#options.storeTimeoutMs
      this.#disturb(slowMs)
      return slowMs
    }
    return 0
  }

  #execute(call: Call): void {
    const [name = '', first = '', second = '', key = '', token = '', untilMs] = call.args
    const { node } = this
    switch (name) {
      case 'WAIT': {
        const generation = this.#generation
        this.#isBusy = true
        node.wait(Number(first), this.#written, Number(second), (count) => {
          if (generation !== this.#generation) return
          this.#isBusy = false
          this.#reply(call, count)
          this.pump()
        })
        return
      }
      case 'CLUSTER':
        this.#reply(call, first === 'MYID' ? node.address : this.#replicas())
        return
      case 'EVAL_RO':
        this.#reply(call, node.server.knowsForMs(key, token, Number(untilMs)))
        return
      default:
        if (node.isMaster) this.#reply(call, this.#run(name, JSON.parse(first)))
        else this.#reply(call, new Error(`MOVED 1 ${node.master?.address}`))
    }
  }

  #run(op: string, request: AcquireRequest & ExtendRequest & StealRequest): unknown {
    const { server } = this.node
    const { lease } = server.steps
    const { world, id } = this.client
    world.trace.add(world.nowMs, id, `runs ${op}`, request.token, this.node.address)
    const runLease = () =>
      server.runLease<unknown>(request.key, (state, env) =>
        op === 'acquire' ? lease.acquire(state, request, env) : lease.extend(state, request, env),
      )
    const reply = op === 'steal' ? server.steal(request) : runLease()
    this.#written = this.node.offset
    return reply
  }

  #replicas(): string[] {
    const replicas = this.#shard.replicasOf(this.node)
    return replicas.map(({ address }) => `id ${address}@16379 slave`)
  }

  #reply(call: Call, reply: unknown): void {
    const { world } = this.client
    this.#replyMs = Math.max(this.#replyMs, world.nowMs + this.#latencyMs())
    this.#in(this.#replyMs - world.nowMs, 'link reply', () => {
      if (this.#isSilent || !this.#pending.delete(call)) return
      world.trace.add(world.nowMs, this.client.id, 'link got', call.args[0], describe(reply))
      if (reply instanceof Error) call.reject(reply)
      else call.resolve(reply)
    })
  }

  #drop(): void {
    for (const { reject } of this.#pending) reject(new Error('the connection is closed'))
    this.#pending.clear()
  }

  #emit(event: string): void {
    for (const listener of this.#listeners.get(event) ?? []) listener()
  }

  #latencyMs(): number {
    return this.client.world.dice.between(0.1, this.client.faults.latencyMs)
  }

  /** Who sends on it may have to wait for as long as a command is waited for. */
  #disturb(moreMs: number): void {
    const { world, faults } = this.client
    const noticedMs = this.#options.storeTimeoutMs * 1.01 + faults.timerLateMs
    this.client.trouble(world.nowMs + noticedMs + moreMs)
  }

  #in(delayMs: number, what: string, run: () => void): void {
    this.client.world.in(delayMs, what, run, this.client)
  }
}
