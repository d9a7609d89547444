import type { Duration, Name } from '@locks/core'
import type { CacheEntry } from './cache-entry.ts'
import type { EntryOptions } from './entry-options.ts'
import type { Loader } from './loader.ts'

/** `Cache` or `HerdCache`, of whichever copy of this package. */
interface LoadingCache {
  getOrSetEntry<T>(key: Name, loader: Loader<T>, options: EntryOptions): Promise<CacheEntry<T>>
}

/**
 * The cached value, or what `load` makes of it: all who ask meanwhile, in all processes of a `HerdCache`,
 * wait for one load. Nothing is served after `ttl`, which is the cache's own by default.
 * @throws what `load` throws; LoadFailedError where it ran elsewhere.
 */
export async function cacheWithoutDogpiling<T>(
  cache: LoadingCache,
  key: Name,
  load: Loader<T>,
  ttl?: Duration,
): Promise<T> {
  const options = { grace: 0, ...(ttl !== undefined && { ttl }) }
  return (await cache.getOrSetEntry(key, load, options)).value
}
