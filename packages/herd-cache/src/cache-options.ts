import type { CacheStore, Clock, Duration, Random } from '@locks/core'
import type { CacheListener } from './cache-event.ts'
import type { EntryOptions } from './entry-options.ts'
import type { NearOptions } from './l1/near-options.ts'
import type { PipelineOptions } from './pipeline/pipeline-options.ts'

export interface CacheOptions extends EntryOptions, PipelineOptions {
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
  /** Told of every hit, miss, load and failure. */
  readonly onEvent?: CacheListener
  /** For tests: time and chance from elsewhere. */
  readonly clock?: Clock
  readonly random?: Random
}
