import { type IoredisConnection, ListeningConnection, type RedisArgument } from '@locks/redis/parts'
import type { ClusterDriver, NodeConnection } from './cluster-driver.ts'

/** The client of one node. */
export interface IoredisNode {
  readonly options: { readonly host?: string | undefined; readonly port?: number | undefined }
  callBuffer(command: string, args: RedisArgument[]): Promise<unknown>
  duplicate(options: IoredisNodeOverrides): IoredisNodeConnection
}

/** What a connection of our own has otherwise than the node's client that it is a duplicate of. */
export interface IoredisNodeOverrides {
  readonly lazyConnect: boolean
  readonly autoResubscribe: boolean
  readonly keyPrefix: string
  readonly readOnly?: boolean
  readonly host?: string
  readonly port?: number
}

/** What `duplicate` of a node's client gives. */
export interface IoredisNodeConnection extends IoredisConnection {
  callBuffer(command: string, args: RedisArgument[]): Promise<unknown>
  ssubscribe(channel: string): Promise<unknown>
  sunsubscribe(channel: string): Promise<unknown>
}

/**
 * The client that the caller makes and closes: `Cluster` of ioredis 5 or 6. Nothing else of it is
 * needed, and none of its settings is changed.
 */
export interface IoredisCluster {
  readonly options: {
    readonly keyPrefix?: string | undefined
    readonly redisOptions?: { readonly keyPrefix?: string | undefined } | undefined
  }
  /** The addresses of each slot's nodes, the master first. */
  readonly slots: readonly (readonly string[] | undefined)[]
  callBuffer(command: string, args: RedisArgument[]): Promise<unknown>
  nodes(role: 'master' | 'slave'): readonly IoredisNode[]
}

export function ioredisDriver(cluster: IoredisCluster): ClusterDriver {
  const nodeAt = (address: string): IoredisNode => {
    const node = cluster.nodes('master').find((master) => addressOf(master) === address)
    if (!node) throw new Error(`${address} is no master any more`)
    return node
  }
  const overrides = { lazyConnect: true, autoResubscribe: false, keyPrefix: '' }
  return {
    keyPrefix: '',
    clientKeyPrefix: cluster.options.keyPrefix ?? cluster.options.redisOptions?.keyPrefix ?? '',
    send: (_key, [name, ...args]) => cluster.callBuffer(String(name), args),
    sendTo: async (address, [name, ...args]) => nodeAt(address).callBuffer(String(name), args),
    masterOf: (slot) => cluster.slots[slot]?.[0],
    masters: () => cluster.nodes('master').map(addressOf),
    async open(address) {
      return new OwnNode(nodeAt(address).duplicate(overrides))
    },
    async openReplica(master, address) {
      const colon = address.lastIndexOf(':')
      const at = { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) }
      return new OwnNode(nodeAt(master).duplicate({ ...overrides, ...at, readOnly: true }))
    },
  }
}

const addressOf = ({ options: { host, port } }: IoredisNode): string => `${host}:${port}`

/** A connection of ioredis in the shape of npm redis. */
class OwnNode extends ListeningConnection implements NodeConnection {
  readonly #redis: IoredisNodeConnection
  readonly #sharded = new Map<string, (message: string) => void>()

  constructor(redis: IoredisNodeConnection) {
    super(redis)
    this.#redis = redis
    redis.on('smessage', (channel, message) => this.#sharded.get(channel)?.(message))
  }

  sendCommand([name, ...args]: RedisArgument[]): Promise<unknown> {
    return this.#redis.callBuffer(String(name), args)
  }

  async sSubscribe(channel: string, listener: (message: string) => void): Promise<void> {
    this.#sharded.set(channel, listener)
    await this.#redis.ssubscribe(channel)
  }

  async sUnsubscribe(channel: string): Promise<void> {
    this.#sharded.delete(channel)
    await this.#redis.sunsubscribe(channel)
  }

  /** It does not say which channel. */
  onMoved(listener: (channel?: string) => void): void {
    this.#redis.on('moved', () => listener())
  }
}
