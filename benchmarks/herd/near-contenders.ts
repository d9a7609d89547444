import { HerdCache } from '@locks/herd-cache'
import { memoryStore } from '@locks/memory'
import { loadPeer } from '../peers/load-peer.ts'

/** A cache that has its values in the process. */
export interface NearContender {
  readonly settings: string
  /** Holds a value for each key; returns how one gets it. */
  fill(keys: readonly string[]): Promise<(key: string) => unknown>
}

const itemOf = (key: string) => ({ key, text: 'x'.repeat(200) })
const load = (key: string) => async () => itemOf(key)

/** Gets each once, so that all are there. */
async function warm(keys: readonly string[], get: (key: string) => unknown) {
  for (let i = 0; i < 3; i++) for (const key of keys) await get(key)
  return get
}

export const OURS = '@locks/herd-cache'
/** The floor: a map with an order, and nothing else. */
export const LRU = 'lru-cache'

export const nearContenders: Readonly<Record<string, NearContender>> = {
  [OURS]: {
    settings: 'getOrSet, l1: { max: 1000, ttl: 1 h } over a store that pushes',
    async fill(keys) {
      const l1 = { max: 1000, ttl: '1h' } as const
      const cache = new HerdCache({ store: memoryStore(), namespace: 'bench', ttl: '1h', l1 })
      return warm(keys, (key) => cache.getOrSet(key, load(key)))
    },
  },
  [LRU]: {
    settings: 'get, max 1000, no ttl, awaited as all others are',
    async fill(keys) {
      const { LRUCache } = await loadPeer<{
        LRUCache: new (
          options: object,
        ) => { get(key: string): unknown; set(key: string, value: unknown): unknown }
      }>('lru-cache')
      const cache = new LRUCache({ max: 1000 })
      for (const key of keys) cache.set(key, itemOf(key))
      return (key) => cache.get(key)
    },
  },
  bentocache: bentocache('getOrSet, memory L1 only, serialize: false', { serialize: false }),
  'bentocache, defaults': bentocache('getOrSet, memory L1 only', {}),
  cacheable: cacheable('getOrSet, memory only, useClone: false', { useClone: false }),
  'cacheable, defaults': cacheable('getOrSet, memory only', {}),
  'cache-manager': {
    settings: 'wrap, memory only',
    async fill(keys) {
      const { createCache } = await loadPeer<{
        createCache(options: object): {
          wrap(key: string, load: () => Promise<unknown>, ttlMs: number): Promise<unknown>
        }
      }>('cache-manager')
      const cache = createCache({ ttl: 3_600_000 })
      return warm(keys, (key) => cache.wrap(key, load(key), 3_600_000))
    },
  },
  'async-cache-dedupe': {
    settings: 'memory storage',
    async fill(keys) {
      const { createCache } = await loadPeer<{
        createCache(options: object): {
          define(name: string, load: (key: string) => Promise<unknown>): void
          readonly fetch: (key: string) => Promise<unknown>
        }
      }>('async-cache-dedupe')
      const cache = createCache({ ttl: 3600, storage: { type: 'memory' } })
      cache.define('fetch', async (key) => itemOf(key))
      return warm(keys, (key) => cache.fetch(key))
    },
  },
  '@epic-web/cachified': cachified('cachified over lru-cache, max 1000'),
  keyv: {
    settings: 'get, its Map without serialization',
    async fill(keys) {
      const { Keyv } = await loadPeer<{ Keyv: new (options: object) => KeyvLike }>('keyv')
      const cache = new Keyv({ store: new Map(), serialize: undefined, deserialize: undefined })
      for (const key of keys) await cache.set(key, itemOf(key))
      return (key) => cache.get(key)
    },
  },
}

function bentocache(settings: string, driver: object): NearContender {
  return {
    settings,
    async fill(keys) {
      const { BentoCache, bentostore } = await loadPeer<Bento>('bentocache')
      const { memoryDriver } = await loadPeer<{ memoryDriver(options: object): unknown }>(
        'bentocache/drivers/memory',
      )
      const stores = { main: bentostore().useL1Layer(memoryDriver(driver)) }
      const cache = new BentoCache({ default: 'main', stores })
      return warm(keys, (key) => cache.getOrSet({ key, factory: load(key), ttl: '1h' }))
    },
  }
}

function cacheable(settings: string, memory: object): NearContender {
  return {
    settings,
    async fill(keys) {
      const { Cacheable, createKeyv } = await loadPeer<{
        Cacheable: new (options: object) => Wrapping
        createKeyv(options: object): unknown
      }>('cacheable')
      const cache = new Cacheable({ primary: createKeyv(memory), ttl: 3_600_000 })
      return warm(keys, (key) => cache.getOrSet(key, load(key), { ttl: 3_600_000 }))
    },
  }
}

function cachified(settings: string): NearContender {
  return {
    settings,
    async fill(keys) {
      const module = await loadPeer<{ cachified(options: object): Promise<unknown> }>(
        '@epic-web/cachified',
      )
      const { LRUCache } = await loadPeer<{ LRUCache: new (options: object) => object }>(
        'lru-cache',
      )
      const cache = new LRUCache({ max: 1000 })
      const ttl = 3_600_000
      return warm(keys, (key) => module.cachified({ key, cache, getFreshValue: load(key), ttl }))
    },
  }
}

interface Bento {
  readonly BentoCache: new (
    options: object,
  ) => {
    getOrSet(options: {
      key: string
      factory: () => Promise<unknown>
      ttl: string
    }): Promise<unknown>
  }
  bentostore(): { useL1Layer(driver: unknown): unknown }
}

interface Wrapping {
  getOrSet(key: string, load: () => Promise<unknown>, options: object): Promise<unknown>
}

interface KeyvLike {
  get(key: string): Promise<unknown>
  set(key: string, value: unknown): Promise<unknown>
}
