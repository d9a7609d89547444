import type { UnreadableBy } from './pipeline/pipeline.ts'

/** What happened in a cache; `key` is the store's key. */
export type CacheEvent =
  | { readonly type: 'hit'; readonly key: string; readonly state: 'fresh' | 'stale' }
  | { readonly type: 'miss'; readonly key: string }
  /**
   * A loader ran here. `committed: false` = its value was not stored: see `fenced`, `unserializable`,
   * `store-error`; or there was none, or another process holds the lease.
   */
  | {
      readonly type: 'loaded'
      readonly key: string
      readonly loadMs: number
      readonly committed: boolean
    }
  | { readonly type: 'load-failed'; readonly key: string; readonly error: unknown }
  /** A delete or a newer value came during the load: the loaded value was not stored. */
  | { readonly type: 'fenced'; readonly key: string }
  /** A loaded value that has no stored form: its callers get it, every process loads for itself. */
  | { readonly type: 'unserializable'; readonly key: string; readonly error: unknown }
  /**
   * Data under the key that cannot be read; it counts as a miss. `by` tells which part of the pipeline
   * could not: for example `cipher` for a value encrypted with a key that is not here.
   */
  | { readonly type: 'corrupt'; readonly key: string; readonly by: UnreadableBy }
  | { readonly type: 'store-error'; readonly key: string; readonly error: Error }
  /** `open`: the store is not asked for a while; `half-open`: one command tries; `closed`: all is well again. */
  | { readonly type: 'breaker'; readonly state: 'open' | 'half-open' | 'closed' }
  /** Deletes, and sets that had failed, of so many keys have been made good. */
  | { readonly type: 'replayed'; readonly keys: number }
  /** More of them failed than are remembered: the whole cache will be cleared in their place. */
  | { readonly type: 'replay-overflow'; readonly keys: number }

/** Told after the fact; what it throws is a warning of the process and harms no value. */
export type CacheListener = (event: CacheEvent) => void
