import type { CacheOptions } from '../cache-options.ts'
import type { CacheParts } from '../cache-parts.ts'
import { EntryReader } from '../entry-reader.ts'
import { Fetcher } from '../fetcher.ts'
import { createPipeline } from '../pipeline/create-pipeline.ts'
import { SingleFlight } from '../single-flight.ts'
import type { StreamParts } from './stream-parts.ts'

const CHUNK_BYTES = 256 * 1024
/** Of what the store takes as one value; the rest is for the envelope. */
const PART = 0.8

/** @throws InvalidArgumentError for a wrong option. */
export function createStreamParts(options: CacheOptions, cacheParts: CacheParts): StreamParts {
  const parts = {
    ...cacheParts,
    pipeline: createPipeline({ ...options, serializer: false }),
    alone: new SingleFlight(),
    outage: cacheParts.outage.sibling(),
  }
  return {
    parts,
    items: cacheParts.pipeline,
    fetcher: new Fetcher(parts, new EntryReader(parts)),
    chunkBytes: Math.min(CHUNK_BYTES, Math.floor(options.store.facts.valueBytesMax * PART)),
  }
}
