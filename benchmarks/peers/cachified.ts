import { type HerdContender, LONG } from '../herd/contender.ts'
import { loadPeer, nodeRedis } from './load-peer.ts'

interface Module {
  cachified(options: object): Promise<unknown>
}

export const contender: HerdContender = {
  settings: 'a Redis cache of GET and SET PX with JSON, ttl 60 s; redis client',
  async connect(url, { ttlMs } = LONG) {
    const { cachified } = await loadPeer<Module>('@epic-web/cachified')
    const client = await nodeRedis(url)
    const cache = {
      name: 'redis',
      get: async (key: string) => parsed(await client.get(key)),
      set: (key: string, entry: unknown) =>
        client.set(key, JSON.stringify(entry), { expiration: { type: 'PX', value: ttlMs } }),
      delete: (key: string) => client.del(key),
    }
    return {
      getOrLoad: (key, load) => cachified({ key, cache, getFreshValue: load, ttl: ttlMs }),
      remove: (key) => cache.delete(key),
    }
  },
}

/** `undefined` for nothing: it would delete an entry that is `null`. */
function parsed(text: string | null): unknown {
  return text === null ? undefined : JSON.parse(text)
}
