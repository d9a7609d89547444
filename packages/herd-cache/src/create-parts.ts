import { systemClock, systemRandom } from '@locks/core'
import { guarded, Interrupt, storeKeyPrefix, toMs } from '@locks/core/parts'
import { CacheClient } from './cache-client.ts'
import type { CacheListener } from './cache-event.ts'
import type { CacheOptions } from './cache-options.ts'
import type { CacheParts } from './cache-parts.ts'
import { LoadNesting } from './load-nesting.ts'
import { LoadPace } from './load-pace.ts'
import { LoadSignals } from './load-signals.ts'
import { Outage } from './outage.ts'
import { createPipeline } from './pipeline/create-pipeline.ts'
import { protection } from './protection.ts'
import { SingleFlight } from './single-flight.ts'
import { EVERYTHING, TagMarks } from './tags/tag-marks.ts'

/** How long a load in another process is waited for, and what then. */
export type Waiting = Pick<CacheParts, 'waitMs' | 'onWaitTimeout'>

interface Circumstances extends Waiting {
  readonly closed: AbortSignal
  /** Told of everything before the user is. */
  readonly count: CacheListener
  /** Told of a change that has failed. */
  readonly superseded: (key: string) => void
}

/** @throws InvalidArgumentError for a wrong option. */
export function createParts(
  options: CacheOptions,
  { waitMs, onWaitTimeout, closed, count, superseded }: Circumstances,
): CacheParts {
  const { clock = systemClock, random = systemRandom, onEvent } = options
  const { namespace, store, storeTimeout = '250ms', lease = '5s' } = options
  const tell = guarded(onEvent)
  const emit: CacheListener = (event) => {
    count(event)
    tell(event)
  }
  const closing = new Interrupt()
  const prefix = storeKeyPrefix(namespace, 't')
  const { breaker, outage } = protection(options)
  const client = new CacheClient(store, {
    clock,
    random,
    deadlineMs: toMs(storeTimeout, 'storeTimeout'),
    breaker,
    tell: emit,
    superseded,
    everything: `${prefix}{${EVERYTHING}}`,
  })
  return {
    client,
    clock,
    random,
    emit,
    nesting: new LoadNesting(),
    alone: new SingleFlight(),
    outage: new Outage(outage),
    pace: new LoadPace(),
    pipeline: createPipeline(options),
    marks: new TagMarks({ client, clock, random, closing, prefix }),
    signals: new LoadSignals(store, clock, storeKeyPrefix(namespace, 'c')),
    leaseMs: toMs(lease, 'lease', 100),
    waitMs,
    onWaitTimeout,
    closing,
    closed,
  }
}
