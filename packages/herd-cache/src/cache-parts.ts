import type { Clock, Random } from '@locks/core'
import type { Interrupt } from '@locks/core/parts'
import type { CacheClient } from './cache-client.ts'
import type { CacheListener } from './cache-event.ts'
import type { EntrySettings } from './entry-options.ts'
import type { LoadPace } from './load-pace.ts'
import type { LoadSignals } from './load-signals.ts'
import type { Made } from './loader.ts'
import type { Pipeline } from './pipeline/pipeline.ts'
import type { TagMarks } from './tags/tag-marks.ts'

/** What every part of one `HerdCache` shares. */
export interface CacheParts {
  readonly client: CacheClient
  readonly clock: Clock
  readonly random: Random
  readonly emit: CacheListener
  readonly pace: LoadPace
  readonly signals: LoadSignals
  readonly pipeline: Pipeline
  readonly marks: TagMarks
  /** TTL of a load's lease: how long a crashed loader is waited for. */
  readonly leaseMs: number
  /** How long a load in another process is waited for. */
  readonly waitMs: number
  /** Trips when the cache is closed: who waits for a load elsewhere stops waiting. */
  readonly closing: Interrupt
  /** Aborts then; what the loaders are told. */
  readonly closed: AbortSignal
}

/** One value to be loaded. */
export interface Job extends EntrySettings {
  /** The store's key. */
  readonly key: string
  readonly load: () => Promise<Made>
  /** Later callers must not join this load; one that began after it stays. */
  readonly detach: () => void
}
