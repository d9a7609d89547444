import type { CacheStore, LeaseStore } from '@locks/core'
import { chaosStore } from '@locks/core/testing'
import { memcachedStore, metaTransport } from '@locks/memcached'
import { memoryStore } from '@locks/memory'
import { redisStore } from '@locks/redis'
import { redisClusterStore } from '@locks/redis-cluster'
import { createClient, createCluster } from 'redis'
import type { WorkerSettings } from './worker-settings.ts'

/** What a worker works on. */
export interface Connected {
  readonly store: LeaseStore & CacheStore
  /** Of a cluster: the same, by the word of replicas. */
  readonly confirmed?: LeaseStore & CacheStore
  close(): Promise<void>
}

/** A client that comes back soon, as a service would set it. */
const reconnectStrategy = 50

export async function connect(settings: WorkerSettings): Promise<Connected> {
  return CONNECTORS[settings.backend](settings)
}

const CONNECTORS = {
  memory: async () => ({ store: chaosStore(memoryStore()), close: async () => {} }),

  async redis({ addresses, seed }: WorkerSettings) {
    const url = `redis://${addresses[0]}`
    // Every second one keeps what it cannot send, as the client does by itself.
    const disableOfflineQueue = seed % 2 === 0
    const client = createClient({ url, disableOfflineQueue, socket: { reconnectStrategy } })
    client.on('error', () => {})
    await client.connect()
    return { store: redisStore(client), close: async () => client.destroy() }
  },

  async 'redis-cluster'({ addresses, addressMap }: WorkerSettings) {
    const cluster = createCluster({
      rootNodes: addresses.map((address) => ({ url: `redis://${address}` })),
      defaults: { socket: { connectTimeout: 500, reconnectStrategy } },
      nodeAddressMap: (address) => toHostAndPort(addressMap[address] ?? address),
      topologyRefreshOnReconnectionAttemptStrategy: 100,
    })
    cluster.on('error', () => {})
    await cluster.connect()
    const store = redisClusterStore(cluster)
    const confirmed = redisClusterStore(cluster, { confirm: 'majority', confirmWithin: '1s' })
    return {
      store,
      confirmed,
      async close() {
        await confirmed.close?.()
        await store.close?.()
        cluster.destroy()
      },
    }
  },

  async memcached({ addresses }: WorkerSettings) {
    const transport = metaTransport(toHostAndPort(addresses[0] ?? ''))
    return { store: memcachedStore(transport), close: () => transport.close() }
  },
} satisfies Record<WorkerSettings['backend'], (settings: WorkerSettings) => Promise<Connected>>

function toHostAndPort(address: string): { host: string; port: number } {
  const [host = '', port] = address.split(':')
  return { host, port: Number(port) }
}
