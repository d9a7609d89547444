import type { CacheParts } from './cache-parts.ts'
import type { CachedValue } from './cached-value.ts'

/** A value, and what is known of it. */
export interface CacheEntry<T> {
  readonly value: T
  /** `stale`: its ttl is over, its grace is not. `loaded`: just now, in this process. */
  readonly state: 'fresh' | 'stale' | 'loaded'
  /** Since its load began, or since it was set. */
  readonly ageMs: number
  /** How long it stays fresh; 0 for a stale value, and for a loaded one that was not stored. */
  readonly remainingMs: number
}

/** What is told of a value that was read. */
export function entryOf({ client }: CacheParts, cached: CachedValue): CacheEntry<unknown> {
  const nowMs = client.now()
  const { value, loadStartedAtMs, softExpiresAtMs } = cached
  const remainingMs = Math.max(0, softExpiresAtMs - nowMs)
  const state = remainingMs > 0 ? 'fresh' : 'stale'
  return { value, state, ageMs: Math.max(0, nowMs - loadStartedAtMs), remainingMs }
}
