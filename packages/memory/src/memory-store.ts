import { type CacheStore, type Clock, type LeaseStore, systemClock } from '@locks/core'
import { checkGiven } from '@locks/core/parts'
import { memoryCacheStore } from './memory-cache-store.ts'
import { memoryLeaseStore } from './memory-lease-store.ts'

/** Options of `memoryStore`. */
export interface MemoryStoreOptions {
  /** For tests: time from elsewhere. */
  readonly clock?: Clock
}

/**
 * A store inside this process. Exclusive among the callers that share this one object; other processes
 * and worker threads are not excluded. Fences grow for as long as the machine's clock is not set back
 * between two runs.
 */
export function memoryStore(options: MemoryStoreOptions = {}): LeaseStore & CacheStore {
  checkGiven(options, 'options')
  const { clock = systemClock } = options
  const leases = memoryLeaseStore(clock)
  const cache = memoryCacheStore(clock)
  return { ...leases, ...cache, facts: { ...leases.facts, ...cache.facts } }
}
