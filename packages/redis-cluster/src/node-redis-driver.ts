import type { OwnConnection, RedisArgument, RedisReplyOptions } from '@locks/redis/parts'
import type { ClusterDriver, NodeConnection } from './cluster-driver.ts'
import { lookForReplaced } from './replaced-masters.ts'
import { UnansweredCommands } from './unanswered-commands.ts'

/** One node as the client sees it. */
export interface ClusterNode {
  readonly address: string
}

/** The client of one node. */
export interface NodeClient {
  sendCommand(args: RedisArgument[], options?: RedisReplyOptions): Promise<unknown>
  /** Another one like it, not yet connected. */
  duplicate(overrides?: ReplicaOverrides): OwnNodeClient
}

/** Makes of a master's client one of its replica's. */
export interface ReplicaOverrides {
  readonly readonly: true
  readonly socket: { readonly host: string; readonly port: number }
}

/** What `duplicate` of a node's client gives. */
export interface OwnNodeClient extends OwnConnection, NodeClient {
  sSubscribe(channel: string, listener: (message: string) => void): Promise<unknown>
  sUnsubscribe(channel: string): Promise<unknown>
  on(event: 'ready' | 'reconnecting' | 'error', listener: () => void): unknown
  on(event: 'sharded-channel-moved', listener: (channel: string | Buffer) => void): unknown
}

/**
 * The client that the caller makes, connects and closes: `createCluster` of npm redis 5 or 6. Nothing
 * else of it is needed, and none of its settings is changed.
 */
export interface RedisCluster {
  readonly slots: readonly ({ readonly master: ClusterNode } | undefined)[]
  readonly masters: readonly ClusterNode[]
  sendCommand(
    firstKey: string | undefined,
    isReadonly: boolean | undefined,
    args: RedisArgument[],
    options?: RedisReplyOptions,
  ): Promise<unknown>
  nodeClient(node: ClusterNode): Promise<NodeClient>
}

export function nodeRedisDriver(cluster: RedisCluster): ClusterDriver {
  const clientOf = (address: string): Promise<NodeClient> => {
    const node = cluster.masters.find((master) => master.address === address)
    if (!node) return Promise.reject(new Error(`${address} is no master any more`))
    return cluster.nodeClient(node)
  }
  const unanswered = new UnansweredCommands((keys) => lookForReplaced(cluster, keys))
  // As for a single client, its raw `sendCommand` leaves out the prefix that npm redis 6 may be given.
  const { _keyPrefix: prefix } = cluster as { readonly _keyPrefix?: RedisArgument }
  return {
    keyPrefix: prefix === undefined ? '' : String(prefix),
    clientKeyPrefix: '',
    send: (key, args, options) =>
      unanswered.follow(key, () => cluster.sendCommand(key, false, args, options)),
    sendTo: async (address, args, options) => (await clientOf(address)).sendCommand(args, options),
    masterOf: (slot) => cluster.slots[slot]?.master.address,
    masters: () => cluster.masters.map(({ address }) => address),
    async openReplica(master, address) {
      const client = await clientOf(master)
      const colon = address.lastIndexOf(':')
      const at = { host: address.slice(0, colon), port: Number(address.slice(colon + 1)) }
      // What else there is to say of the socket, as its encryption, is said for all nodes alike.
      const { options } = client as { readonly options?: { readonly socket?: object } }
      return owned(client.duplicate({ readonly: true, socket: { ...options?.socket, ...at } }))
    },
    open: async (address) => owned((await clientOf(address)).duplicate()),
  }
}

function owned(client: OwnNodeClient): NodeConnection {
  return Object.assign(client, {
    onMoved: (listener: (channel: string) => void) =>
      void client.on('sharded-channel-moved', (channel) => listener(String(channel))),
  })
}
