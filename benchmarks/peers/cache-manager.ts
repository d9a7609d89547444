import { type HerdContender, LONG } from '../herd/contender.ts'
import { loadPeer } from './load-peer.ts'

interface Module {
  createCache(options: object): {
    wrap(key: string, load: () => Promise<unknown>, ttlMs: number): Promise<unknown>
    del(key: string): Promise<unknown>
    set(key: string, value: unknown, ttlMs: number): Promise<unknown>
  }
}

export const contender: HerdContender = {
  settings: '@keyv/redis as the only store, ttl 60 s',
  async connect(url, { ttlMs } = LONG) {
    const { createCache } = await loadPeer<Module>('cache-manager')
    const { createKeyv } = await loadPeer<{ createKeyv(url: string): unknown }>('@keyv/redis')
    const cache = createCache({ stores: [createKeyv(url)], ttl: ttlMs })
    return {
      getOrLoad: (key, load) => cache.wrap(key, load, ttlMs),
      remove: (key) => cache.del(key),
      set: (key, value) => cache.set(key, value, ttlMs),
    }
  },
}
