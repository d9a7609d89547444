import type { OwnConnection, RedisArgument, RedisReplyOptions } from '@locks/redis/parts'

/** A connection of our own to one node, not yet connected. */
export interface NodeConnection extends OwnConnection {
  sSubscribe(channel: string, listener: (message: string) => void): Promise<unknown>
  sUnsubscribe(channel: string): Promise<unknown>
  sendCommand(args: RedisArgument[], options?: RedisReplyOptions): Promise<unknown>
  /** The slot of a channel has left the node, or of all: the server has unsubscribed it. */
  onMoved(listener: (channel?: string) => void): void
}

/** The client of a cluster, whichever it is. Nodes go by their addresses, `host:port`. */
export interface ClusterDriver {
  /** What we put before keys. */
  readonly keyPrefix: string
  /** What the client itself puts before the keys of each command. */
  readonly clientKeyPrefix: string
  /** Goes to the master of the key's slot, wherever that has moved. */
  send(key: string, args: RedisArgument[], options?: RedisReplyOptions): Promise<unknown>
  /** Goes to one node. */
  sendTo(address: string, args: RedisArgument[], options?: RedisReplyOptions): Promise<unknown>
  /** As far as the client knows by now. */
  masterOf(slot: number): string | undefined
  masters(): readonly string[]
  /** To a master. */
  open(address: string): Promise<NodeConnection>
  /** To one of the replicas of a master, ready to be read. */
  openReplica(master: string, address: string): Promise<NodeConnection>
}
