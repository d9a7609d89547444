import { setTimeout as sleep } from 'node:timers/promises'
import {
  type RedisCluster,
  type RedisClusterNode,
  type RedisClusterOptions,
  RespConnection,
  type RespReply,
  startRedisCluster,
} from '@locks/test-servers'
import { createCluster } from 'redis'
import type { RedisClusterStoreOptions } from '../src/index.ts'
import { type CacheStore, type LeaseStore, redisClusterStore } from '../src/index.ts'
import { slotOf } from '../src/slot.ts'

/** Looks until it is so; the test's own time limit ends it. */
export async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await isSo())) await sleep(10)
}

/** A real cluster with what a test does to it. */
export class ClusterWorld {
  readonly servers: RedisCluster
  readonly #ends: (() => unknown)[] = []
  #keys = 0

  private constructor(servers: RedisCluster) {
    this.servers = servers
  }

  static async start(options: RedisClusterOptions = {}): Promise<ClusterWorld> {
    return new ClusterWorld(await startRedisCluster(options))
  }

  async stop(): Promise<void> {
    for (const end of this.#ends.toReversed()) await end()
    await this.servers.stop()
  }

  /** By a client of its own, which soon notices that a master has been replaced. */
  async store(options?: RedisClusterStoreOptions): Promise<LeaseStore & CacheStore> {
    const cluster = createCluster({
      rootNodes: this.servers.urls.map((url) => ({ url })),
      defaults: { socket: { connectTimeout: 500, reconnectStrategy: 50 } },
      topologyRefreshOnReconnectionAttemptStrategy: 100,
    })
    cluster.on('error', () => {})
    await cluster.connect()
    // First, since the store may refuse its options.
    this.#ends.push(() => cluster.destroy())
    const store = redisClusterStore(cluster, options ?? {})
    this.#ends.push(() => store.close?.())
    return store
  }

  /** A new key of this shard. */
  key(shard: number): string {
    for (;;) {
      const key = `test:l1:{${++this.#keys}}`
      if (Math.floor((slotOf(key) * 3) / 16_384) === shard) return key
    }
  }

  nodes(shard: number, role: RedisClusterNode['role']): RedisClusterNode[] {
    return this.servers.nodes.filter((node) => node.shard === shard && node.role === role)
  }

  master(shard: number): RedisClusterNode {
    return this.nodes(shard, 'master')[0] as RedisClusterNode
  }

  /** Freezes replicas and cuts them off: what is written from now on does not reach them. */
  async cutOff(shard: number, replicas: readonly RedisClusterNode[]): Promise<void> {
    for (const replica of replicas) await replica.pause()
    const { port } = this.master(shard)
    await call(port, 'CLIENT', 'KILL', 'TYPE', 'replica')
    const others = this.nodes(shard, 'replica').length - replicas.length
    await until(async () => (await onlineReplicas(port)) === others)
  }

  /**
   * Resolves when one of them is the master of its shard, and the cluster works. Only until then do the
   * nodes give up one that is silent for a second: at other times it may just be a slow machine.
   */
  async promoted(replicas: readonly RedisClusterNode[]): Promise<RedisClusterNode> {
    this.#setNodeTimeout(1_000)
    const promoted = await this.#firstMaster(replicas)
    this.#setNodeTimeout(60_000)
    return promoted
  }

  /** Frozen nodes hear of it when they go on. */
  #setNodeTimeout(timeoutMs: number): void {
    for (const { port } of this.servers.nodes) {
      call(port, 'CONFIG', 'SET', 'cluster-node-timeout', timeoutMs).catch(() => {})
    }
  }

  async #firstMaster(replicas: readonly RedisClusterNode[]): Promise<RedisClusterNode> {
    for (;;) {
      for (const replica of replicas) {
        const role = await call(replica.port, 'ROLE').catch(() => [])
        const info = String(await call(replica.port, 'CLUSTER', 'INFO').catch(() => ''))
        if ((role as RespReply[])[0] === 'master' && info.includes('cluster_state:ok'))
          return replica
      }
      await sleep(20)
    }
  }

  /** Retries what rejects while the cluster heals; resolves with the first answer. */
  async answer<T>(task: () => T | Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await task()
      } catch {
        await sleep(50)
      }
    }
  }
}

/** One command on a connection of its own. */
export async function call(port: number, ...words: (string | number)[]): Promise<RespReply> {
  using connection = await RespConnection.open(port)
  return await connection.call(...words)
}

export async function onlineReplicas(port: number): Promise<number> {
  return String(await call(port, 'INFO', 'replication')).split('state=online').length - 1
}
