import { LoadFailedError } from '@locks/core'
import type { CacheParts, Job } from './cache-parts.ts'
import { type CachedValue, decodeValue } from './cached-value.ts'
import { NO_VALUE, runLoader } from './run-loader.ts'

/** A lost election is not repeated for at least this long. */
const QUIET_MS_MIN = 50

/**
 * Gets a value that is not there: loads it if this process is elected, else waits for who was.
 * Without the store each process loads for itself. After `waitMs` so does this one, uncached.
 * @throws what the loader throws; LoadFailedError when it failed in another process.
 */
export async function loadMissing(parts: CacheParts, job: Job): Promise<unknown> {
  const { clock, pace, random } = parts
  const token = random.token()
  const giveUpAtMs = clock.now() + parts.waitMs
  let seen: string | undefined
  let awaited: string | undefined
  for (let polls = 0; ; polls++) {
    const reply = await askForLease(parts, job, token, seen, awaited)
    switch (reply?.state) {
      // Without an answer this process may still be elected: then the commit goes through.
      case undefined:
      case 'won':
        return runLoader(parts, job, token)
      case 'failed':
        return outcomeElsewhere(reply.reason)
      case 'fresh': {
        const found = decodeValue(reply.entry)
        if (found) return found.value
        parts.emit({ type: 'corrupt', key: job.key })
        seen = reply.entry.version
        break
      }
      case 'lost': {
        if (clock.now() >= giveUpAtMs) return job.load()
        awaited = reply.holder
        // Not past the lease's end: if its loader has crashed, somebody must take over then.
        const pauseMs = Math.min(pace.pauseMs(polls, random), reply.remainingMs + 1)
        await new Promise<void>((resolve) => clock.after(pauseMs, resolve))
      }
    }
  }
}

function outcomeElsewhere(reason: string): undefined {
  if (reason === NO_VALUE) return undefined
  throw new LoadFailedError(`the loader failed in another process: ${reason}`)
}

/**
 * Replaces a stale value, if this process is elected. Nobody waits for it: failures are events only.
 * A lost or failed try is followed by a pause inside, so that stale hits do not ask again and again.
 */
export async function refreshStale(parts: CacheParts, job: Job, stale: CachedValue): Promise<void> {
  const token = parts.random.token()
  const reply = await askForLease(parts, job, token, stale.version)
  if (reply?.state === 'fresh') return
  let quietMs = Math.max(QUIET_MS_MIN, stale.loadMs)
  if (reply?.state === 'won') {
    const failed = await runLoader(parts, job, token).then(
      () => false,
      () => true,
    )
    if (!failed) return
  }
  if (reply?.state === 'lost') quietMs = Math.min(quietMs, reply.remainingMs)
  await new Promise<void>((resolve) => parts.clock.after(quietMs, resolve, { background: true }))
}

/** `undefined` when the store gave no answer: the lease may be ours all the same. */
async function askForLease(
  { client, leaseMs, emit }: CacheParts,
  { key }: Job,
  token: string,
  seen: string | undefined,
  awaited?: string,
) {
  const known = { ...(seen !== undefined && { seen }), ...(awaited !== undefined && { awaited }) }
  try {
    return await client.lease({ key, token, leaseMs, ...known })
  } catch (error) {
    emit({ type: 'store-error', key, error: error as Error })
    return undefined
  }
}
