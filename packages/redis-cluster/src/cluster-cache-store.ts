import type { CacheStore, StoredEntry } from '@locks/core'
import { redisCacheStore, type ScriptRunner } from '@locks/redis/parts'
import type { ClusterDriver } from './cluster-driver.ts'
import type { ClusterPush } from './cluster-push.ts'
import { listAll } from './list-all.ts'
import { slotOf } from './slot.ts'

/** The entries of one Redis; several are read by one command for each slot. */
export function clusterCacheStore(
  driver: ClusterDriver,
  runner: ScriptRunner,
  push: ClusterPush,
): CacheStore {
  const cache = redisCacheStore(runner, push)
  return {
    ...cache,
    async read(keys) {
      if (keys.length < 2) return cache.read(keys)
      const slots = new Map<number, number[]>()
      for (const [i, key] of keys.entries()) {
        const slot = slotOf(runner.pushedPrefix + key)
        const places = slots.get(slot)
        if (places) places.push(i)
        else slots.set(slot, [i])
      }
      const entries = new Array<StoredEntry | undefined>(keys.length)
      const readSlot = async (places: readonly number[]) => {
        const found = await cache.read(places.map((i) => keys[i] ?? ''))
        for (const [n, i] of places.entries()) entries[i] = found[n]
      }
      await Promise.all([...slots.values()].map(readSlot))
      return entries
    },
    listEntries: (request) =>
      listAll(driver, request, (node, page) =>
        redisCacheStore(node, undefined).listEntries?.(page),
      ),
  }
}
