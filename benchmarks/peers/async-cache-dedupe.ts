import { type HerdContender, LONG } from '../herd/contender.ts'
import { ioredis, loadPeer } from './load-peer.ts'

type Load = () => Promise<unknown>

interface Cache {
  define(name: string, options: object, load: (query: { key: string }) => Promise<unknown>): void
  readonly fetch: (query: { key: string }) => Promise<unknown>
  clear(name: string, query: { key: string }): Promise<unknown>
}

export const contender: HerdContender = {
  settings: 'Redis storage, ttl 60 s; ioredis',
  async connect(url, { ttlMs } = LONG) {
    const { createCache } = await loadPeer<{ createCache(options: object): Cache }>(
      'async-cache-dedupe',
    )
    const storage = { type: 'redis', options: { client: await ioredis(url) } }
    const cache = createCache({ ttl: ttlMs / 1000, storage })
    // Its loaders are defined beforehand: which one runs is looked up by the key.
    const loads = new Map<string, Load>()
    cache.define('fetch', {}, async ({ key }) => loads.get(key)?.())
    return {
      getOrLoad(key, load) {
        loads.set(key, load)
        return cache.fetch({ key })
      },
      remove: (key) => cache.clear('fetch', { key }),
    }
  },
}
