import { LoadTimeoutError } from '@locks/core'
import type { CacheParts, Job } from './cache-parts.ts'
import type { Made } from './loader.ts'

/**
 * Runs the loader of `job`, for no longer than it may take. Its signal aborts then, when all who wanted
 * the value have gone, and when the cache is closed.
 * @throws what the loader throws; LoadTimeoutError; LoadRecursionError.
 */
export async function runBounded(parts: CacheParts, job: Job): Promise<Made> {
  const { clock, closed, closing, nesting } = parts
  const { abandoned, background, key, settings } = job
  const { loaderTimeoutMs } = settings
  abandoned.throwIfTripped()
  const aborter = new AbortController()
  const abort = (reason: unknown) => aborter.abort(reason)
  if (closed.aborted) abort(closed.reason)
  const stops = [closing.onTrip(abort), abandoned.onTrip(abort)]
  try {
    return await new Promise<Made>((resolve, reject) => {
      const timeout = () => {
        const error = new LoadTimeoutError(`the loader took longer than ${loaderTimeoutMs} ms`)
        reject(error)
        abort(error)
      }
      if (Number.isFinite(loaderTimeoutMs))
        stops.push(clock.after(loaderTimeoutMs, timeout, { background: true }))
      nesting.run([key], background, () => job.load(aborter.signal)).then(resolve, reject)
    })
  } finally {
    for (const stop of stops) stop()
  }
}
