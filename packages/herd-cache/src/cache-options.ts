import type { CacheStore, Clock, Duration, Random } from '@locks/core'
import type { CacheListener } from './cache-event.ts'
import type { NearOptions } from './l1/near-options.ts'
import type { LoadOptions } from './load-options.ts'
import type { PipelineOptions } from './pipeline/pipeline-options.ts'

/** What becomes of calls while the store does not answer. */
export interface BreakerOptions {
  /** So many failures in a row, one after the other, and the store is not asked for a while. Default 5. */
  readonly failures?: number
  /** For how long it is not asked then. Default 2 s. */
  readonly openFor?: Duration
  /** How long a value that was loaded meanwhile serves this process. Default 1 s. */
  readonly microTtl?: Duration
  /** How many loaders run at once meanwhile. Default 64. */
  readonly maxLoads?: number
}

/** What a cache is made of, and the defaults of its calls. */
export interface CacheOptions extends LoadOptions, PipelineOptions {
  /** Yours: the cache never closes it. Caches on one store and namespace share their entries. */
  readonly store: CacheStore
  /** Begins every key. Caches with one namespace on one store are one cache. */
  readonly namespace: string
  /** How long a crashed loader is waited for; renewed while a loader runs. Default 5 s. */
  readonly lease?: Duration
  /** How long one store call may take; a read is then a miss. Default 250 ms. */
  readonly storeTimeout?: Duration
  /**
   * Keeps values that were read in the process itself. All processes of one namespace must have it: only
   * those who do tell the others of changes. Default none.
   */
  readonly l1?: NearOptions | false
  /** When a store that fails is left alone. `false`: it is asked whatever it has failed to do. */
  readonly breaker?: false | BreakerOptions
  /** Told of every hit, miss, load and failure. */
  readonly onEvent?: CacheListener
  /** For tests: time from elsewhere. Default `systemClock`. */
  readonly clock?: Clock
  /** For tests: chance from elsewhere. Default `systemRandom`. */
  readonly random?: Random
}
