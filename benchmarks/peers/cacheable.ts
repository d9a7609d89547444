import { type HerdContender, LONG } from '../herd/contender.ts'
import { loadPeer } from './load-peer.ts'

interface Module {
  readonly Cacheable: new (
    options: object,
  ) => {
    getOrSet(key: string, load: () => Promise<unknown>, options: object): Promise<unknown>
    delete(key: string): Promise<unknown>
    set(key: string, value: unknown, ttlMs: number): Promise<unknown>
  }
}

export const contender: HerdContender = {
  settings: 'memory primary + @keyv/redis secondary, ttl 60 s',
  async connect(url, { ttlMs } = LONG) {
    const { Cacheable } = await loadPeer<Module>('cacheable')
    const { default: KeyvRedis } = await loadPeer<{ default: new (url: string) => unknown }>(
      '@keyv/redis',
    )
    const cache = new Cacheable({ secondary: new KeyvRedis(url), ttl: ttlMs })
    return {
      getOrLoad: (key, load) => cache.getOrSet(key, load, { ttl: ttlMs }),
      remove: (key) => cache.delete(key),
      set: (key, value) => cache.set(key, value, ttlMs),
    }
  },
}
