import { Cluster } from 'ioredis'
import { Cluster as ClusterV5 } from 'ioredis-v5'
import { createCluster } from 'redis'
import { createCluster as createClusterV5 } from 'redis-v5'
import {
  type CacheStore,
  type LeaseStore,
  type RedisClusterStoreOptions,
  redisClusterStore,
} from '../src/index.ts'
import { redisClusterStore as ioredisClusterStore } from '../src/ioredis.ts'

export interface Connected {
  store(options?: RedisClusterStoreOptions): LeaseStore & CacheStore
  close(): Promise<unknown>
}

type Connect = (urls: readonly string[]) => Promise<Connected>

/** Every kind of client that the store takes. That this compiles is a test: nothing here is cast. */
export const connectors = {
  'redis 5': async (urls) => {
    const cluster = createClusterV5({ rootNodes: urls.map((url) => ({ url })) })
    cluster.on('error', () => {})
    await cluster.connect()
    return {
      store: (options) => redisClusterStore(cluster, options),
      close: async () => cluster.destroy(),
    }
  },
  'redis 6': async (urls) => {
    const cluster = createCluster({ rootNodes: urls.map((url) => ({ url })) })
    cluster.on('error', () => {})
    await cluster.connect()
    return {
      store: (options) => redisClusterStore(cluster, options),
      close: async () => cluster.destroy(),
    }
  },
  'ioredis 5': async (urls) => {
    const cluster = new ClusterV5([...urls], { lazyConnect: true })
    cluster.on('error', () => {})
    await cluster.connect()
    return {
      store: (options) => ioredisClusterStore(cluster, options),
      close: async () => cluster.disconnect(),
    }
  },
  'ioredis 6': async (urls) => {
    const cluster = new Cluster([...urls], { lazyConnect: true })
    cluster.on('error', () => {})
    await cluster.connect()
    return {
      store: (options) => ioredisClusterStore(cluster, options),
      close: async () => cluster.disconnect(),
    }
  },
} satisfies Record<string, Connect>
