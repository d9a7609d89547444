import type { CacheParts, Job } from './cache-parts.ts'
import { jobOf } from './job-of.ts'
import { type Loaded, loadUncached } from './run-loader.ts'
import type { Flight } from './single-flight.ts'

/**
 * Loads for this process alone, once per key at a time: an older load may still go on behind the old value
 * that its callers have got. @throws what the loader throws.
 */
export async function loadAlone(
  parts: CacheParts,
  job: Job,
  load = (own: Job): Promise<Loaded> => loadUncached(parts, own),
): Promise<Loaded> {
  const { abandoned, background, key } = job
  abandoned.throwIfTripped()
  const start = (flight: Flight) => load(jobOf(job, flight, background))
  return parts.alone.run(key, start, abandoned)
}
