import type { CacheParts } from '../cache-parts.ts'
import type { Fetcher } from '../fetcher.ts'
import type { Pipeline } from '../pipeline/pipeline.ts'

/** What every stream of one cache shares. */
export interface StreamParts {
  /** Those of the cache, with a pipeline for bytes. */
  readonly parts: CacheParts
  /** The cache's own, for the items. */
  readonly items: Pipeline
  /** Of manifests. */
  readonly fetcher: Fetcher
  /** Bytes of a chunk before it is packed. */
  readonly chunkBytes: number
}
