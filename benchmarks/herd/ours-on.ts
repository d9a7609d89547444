import { type CacheStore, HerdCache } from '@locks/herd-cache'
import { memcachedStore, metaTransport } from '@locks/memcached'
import { memoryStore } from '@locks/memory'
import { redisClusterStore } from '@locks/redis-cluster'
import { createCluster } from 'redis'
import type { HerdContender } from './contender.ts'

const inMemory = memoryStore()

const stores: Readonly<Record<string, (address: string) => Promise<CacheStore>>> = {
  memory: async () => inMemory,
  async 'redis-cluster'(url) {
    const cluster = createCluster({ rootNodes: [{ url }] })
    cluster.on('error', () => {})
    await cluster.connect()
    return redisClusterStore(cluster)
  },
  async memcached(address) {
    const [host = '', port] = address.split(':')
    return memcachedStore(metaTransport({ host, port: Number(port) }))
  },
}

/** HerdCache on a backend that no peer is measured on; `undefined` for what is none. */
export function oursOn(backend: string): HerdContender | undefined {
  const open = stores[backend]
  return (
    open && {
      settings: `@locks/${backend}`,
      async connect(address) {
        // No deadline that a busy machine could miss.
        const options = { namespace: 'bench', storeTimeout: '30s' } as const
        const cache = new HerdCache({ store: await open(address), ...options })
        return {
          getOrLoad: (key, load) => cache.getOrSet(key, load),
          remove: (key) => cache.delete(key),
          set: (key, value) => cache.set(key, value),
        }
      },
    }
  )
}
