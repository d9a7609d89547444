import type { CacheEvent } from './cache-event.ts'

/** What has happened in a cache of this process since it was made. */
export interface CacheStats {
  /** Fresh values found in the store. */
  readonly hits: number
  /** Values found in the process (`l1`). No event tells of them. */
  readonly l1Hits: number
  /** Values past their ttl that were served within their grace. */
  readonly staleHits: number
  /** Keys that the store had no value for. */
  readonly misses: number
  /** Loaders that ran here and gave a value. */
  readonly loads: number
  /** Loaders that ran here and failed, or took too long. */
  readonly failedLoads: number
  /** Loads whose value a delete or a newer value kept from being stored. */
  readonly fenced: number
  /** Entries that could not be read. */
  readonly corrupt: number
  /** Commands to the store that failed or were not answered in time. */
  readonly storeErrors: number
}

type Counted = Record<CacheEvent['type'], keyof EventCounts>

const COUNTED = {
  hit: 'hits',
  miss: 'misses',
  loaded: 'loads',
  'load-failed': 'failedLoads',
  fenced: 'fenced',
  corrupt: 'corrupt',
  'store-error': 'storeErrors',
} as const satisfies Partial<Counted>

/** What events tell of. */
type EventCounts = Omit<CacheStats, 'l1Hits'>

/** Counts events. */
export class EventCounter {
  readonly #counts: Record<keyof EventCounts, number> = {
    hits: 0,
    staleHits: 0,
    misses: 0,
    loads: 0,
    failedLoads: 0,
    fenced: 0,
    corrupt: 0,
    storeErrors: 0,
  }

  count(event: CacheEvent): void {
    const isStale = event.type === 'hit' && event.state === 'stale'
    const counted = isStale ? 'staleHits' : (COUNTED as Partial<Counted>)[event.type]
    if (counted) this.#counts[counted]++
  }

  /** As of now. */
  read(): EventCounts {
    return { ...this.#counts }
  }
}
