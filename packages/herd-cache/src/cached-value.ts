import type { StoredEntry } from '@locks/core'
import type { CacheParts } from './cache-parts.ts'
import type { Freshness } from './pipeline/pipeline.ts'

/** A value as read from the store. */
export interface CachedValue extends Freshness {
  readonly value: unknown
  /** The store's version of the entry. */
  readonly version: string
}

/** What an entry holds. `undefined`, and told, for data that cannot be read: to a cache a miss. */
export async function readValue(
  { emit, pipeline }: CacheParts,
  key: string,
  { data, version }: StoredEntry,
): Promise<CachedValue | undefined> {
  const opened = await pipeline.open(key, data)
  if (!('unreadableBy' in opened)) return { ...opened, version }
  emit({ type: 'corrupt', key, by: opened.unreadableBy })
  return undefined
}
