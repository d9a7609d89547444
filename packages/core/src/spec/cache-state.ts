import type { StoredEntry } from '../contract/cache-store.ts'

/** The lease of the one who loads a key, or the reason why a load has failed; ends by itself at `untilMs`. */
export interface LoadLease {
  /** Absent after a failed load: the lease is over, its reason is still told. */
  holder?: string
  /** Somebody else waits for the outcome. */
  awaited: boolean
  failed?: { readonly token: string; readonly reason: string }
  untilMs: number
}

/** All that a store knows of one cache key; both parts expire on their own. */
export interface CacheState {
  entry?: StoredEntry & { readonly untilMs: number }
  lease?: LoadLease
}
