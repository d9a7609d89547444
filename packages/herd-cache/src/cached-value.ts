import type { StoredEntry } from '@locks/core'
import type { CacheParts } from './cache-parts.ts'
import type { Freshness, Opened } from './pipeline/pipeline.ts'

/** A value as read from the store. */
export interface CachedValue extends Freshness {
  readonly value: unknown
  /** The store's version of the entry. */
  readonly version: string
}

/**
 * What an entry holds, if its tags are what they were. `undefined` for what is a miss to a cache; told
 * where it is trouble. Never rejects.
 */
export async function readValue(
  parts: CacheParts,
  key: string,
  entry: StoredEntry,
  askedAtMs?: number,
): Promise<CachedValue | undefined> {
  const cached = await openEntry(parts, key, entry)
  const versions = cached?.versions ?? []
  if (!cached || parts.marks.isKnownGood(versions, askedAtMs)) return cached
  try {
    const [isCurrent] = await parts.marks.areCurrent([versions])
    return isCurrent ? cached : undefined
  } catch (error) {
    parts.emit({ type: 'store-error', key, error: error as Error })
    return undefined
  }
}

/**
 * What an entry holds, whatever its tags are; at once, if the pipeline can. `undefined`, and told, for data
 * that cannot be read. Never throws or rejects.
 */
export function openEntry(
  { emit, pipeline }: CacheParts,
  key: string,
  { data, version }: StoredEntry,
): CachedValue | undefined | Promise<CachedValue | undefined> {
  const opened = pipeline.open(key, data)
  const cached = (each: Opened): CachedValue | undefined => {
    // No spread: V8 adds to a spread's copy by its slowest way.
    if ('unreadableBy' in each) {
      emit({ type: 'corrupt', key, by: each.unreadableBy })
      return undefined
    }
    const { value, softExpiresAtMs, loadStartedAtMs, loadMs, versions } = each
    return { value, version, softExpiresAtMs, loadStartedAtMs, loadMs, versions }
  }
  return opened instanceof Promise ? opened.then(cached) : cached(opened)
}
