import type { Clock, Random } from '@locks/core'
import type { Interrupt } from '@locks/core/parts'
import type { CacheClient } from './cache-client.ts'
import type { CacheListener } from './cache-event.ts'
import type { LoadNesting } from './load-nesting.ts'
import type { LoadSettings } from './load-options.ts'
import type { LoadPace } from './load-pace.ts'
import type { LoadSignals } from './load-signals.ts'
import type { Made } from './loader.ts'
import type { Outage } from './outage.ts'
import type { Pipeline } from './pipeline/pipeline.ts'
import type { Flight, SingleFlight } from './single-flight.ts'
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
  readonly nesting: LoadNesting
  /** Loads that are for this process alone. */
  readonly alone: SingleFlight
  /** How values are got while the store does not answer. */
  readonly outage: Outage
  /** TTL of a load's lease: how long a crashed loader is waited for. */
  readonly leaseMs: number
  /** How long a load in another process is waited for. */
  readonly waitMs: number
  /** What becomes of who has waited that long. */
  readonly onWaitTimeout: 'load' | 'reject'
  /** Trips when the cache is closed: who waits for a load elsewhere stops waiting. */
  readonly closing: Interrupt
  /** Aborts then; what the loaders are told. */
  readonly closed: AbortSignal
}

/** A value that is wanted, from the store or else from its loader. */
export interface Wanted {
  /** The store's key. */
  readonly key: string
  readonly settings: LoadSettings
  readonly load: (signal: AbortSignal) => Promise<Made>
}

/** One value to be loaded, for those who have joined. */
export interface Job extends Wanted, Flight {
  /** Nobody waits for it. */
  readonly background: boolean
}
