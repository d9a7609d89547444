import { manualClock } from '@locks/core/testing'
import { memoryStore } from '@locks/memory'
import { HerdCache, type HerdCacheOptions, type NearOptions } from '../../src/index.ts'
import { PushingLink } from '../helpers/pushing-store.ts'

export const NEAR: NearOptions = { max: 100, ttl: '5s' }

/** Processes that share one store, which pushes. */
export function processes(count: number, options: Partial<HerdCacheOptions> = {}) {
  const clock = manualClock()
  const store = memoryStore({ clock })
  const all = Array.from({ length: count }, () => {
    const link = new PushingLink(store)
    const own = {
      jitter: 0,
      store: link.store,
      namespace: 'near',
      clock,
      ttl: '1m',
      l1: NEAR,
    } as const
    return { link, cache: new HerdCache({ ...own, ...options }) }
  })
  return { clock, all: all as [(typeof all)[0], (typeof all)[0]] }
}

/** Has `key` in the process itself. */
export async function keep(cache: HerdCache, key = 'a'): Promise<void> {
  const before = cache.stats().l1Hits
  // The first read is what begins to listen.
  for (let i = 0; i < 3; i++) await cache.get(key)
  if (cache.stats().l1Hits === before) throw new Error(`${key} is not kept`)
}
