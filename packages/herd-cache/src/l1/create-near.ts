import type { CacheStore, Clock, Name } from '@locks/core'
import { storeKeyPrefix } from '@locks/core/parts'
import { announcingStore } from './announcing-store.ts'
import { ChangeFeed } from './change-feed.ts'
import { NearCache } from './near-cache.ts'
import { type NearOptions, resolveNearOptions } from './near-options.ts'

/** Values in the process, and the store as a cache has to use it then. */
export interface Near {
  readonly cache: NearCache
  readonly store: CacheStore
  /** The process has changed what is under the store's key, or tried to. */
  changed(key: string): void
  close(): Promise<void>
}

interface Surroundings {
  readonly store: CacheStore
  readonly clock: Clock
  readonly namespace: string
  readonly keyOf: (name: Name) => string
}

/** @throws InvalidArgumentError for a wrong option. */
export function createNear(
  options: NearOptions,
  { store, clock, namespace, keyOf }: Surroundings,
): Near {
  const settings = resolveNearOptions(options)
  const tagPrefix = storeKeyPrefix(namespace, 't')
  const lost = () => cache.clear()
  const changed = (key: string) => {
    if (key.startsWith(tagPrefix)) cache.dropTagged()
    else cache.drop(key)
  }
  const feeds = [storeKeyPrefix(namespace, 'c'), tagPrefix].map(
    (prefix) => new ChangeFeed(store, prefix, { changed, lost }),
  )
  const hears = () => feeds.map((feed) => feed.hears()).every(Boolean)
  const cache = new NearCache({ ...settings, clock, keyOf, hears })
  return {
    cache,
    changed,
    store: announcingStore(store, { changing: changed, tagPrefix }),
    async close() {
      cache.clear()
      await Promise.all(feeds.map((feed) => feed.close()))
    },
  }
}
