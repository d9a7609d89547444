import { systemClock, systemRandom } from '@locks/core'
import { guarded, Interrupt, storeKeyPrefix, toMs } from '@locks/core/parts'
import { CacheClient } from './cache-client.ts'
import type { CacheListener } from './cache-event.ts'
import type { CacheOptions } from './cache-options.ts'
import type { CacheParts } from './cache-parts.ts'
import { LoadPace } from './load-pace.ts'
import { LoadSignals } from './load-signals.ts'
import { createPipeline } from './pipeline/create-pipeline.ts'
import { TagMarks } from './tags/tag-marks.ts'

interface Circumstances {
  /** How long a load in another process is waited for. */
  readonly waitMs: number
  readonly closed: AbortSignal
  /** Told of everything before the user is. */
  readonly count: CacheListener
}

/** @throws InvalidArgumentError for a wrong option. */
export function createParts(
  options: CacheOptions,
  { waitMs, closed, count }: Circumstances,
): CacheParts {
  const { clock = systemClock, random = systemRandom, onEvent } = options
  const { namespace, store, storeTimeout = '250ms', lease = '5s' } = options
  const tell = guarded(onEvent)
  const client = new CacheClient(store, clock, toMs(storeTimeout, 'storeTimeout'))
  const closing = new Interrupt()
  const prefix = storeKeyPrefix(namespace, 't')
  return {
    client,
    clock,
    random,
    emit(event) {
      count(event)
      tell(event)
    },
    pace: new LoadPace(),
    pipeline: createPipeline(options),
    marks: new TagMarks({ client, clock, random, closing, prefix }),
    signals: new LoadSignals(store, clock, storeKeyPrefix(namespace, 'c')),
    leaseMs: toMs(lease, 'lease', 100),
    waitMs,
    closing,
    closed,
  }
}
