import { LoadFailedError, type LoadLeaseRequest } from '@locks/core'
import { sleep } from '@locks/core/parts'
import type { CacheParts, Job } from './cache-parts.ts'
import { type CachedValue, decodeValue } from './cached-value.ts'
import { ABANDONED, loadUncached, NO_VALUE, NOT_STORED, runLoader } from './run-loader.ts'

/** A lost election is not repeated for at least this long. */
const QUIET_MS_MIN = 50

/**
 * Gets a value that is not there: loads it if this process is elected, else waits for who was.
 * Without the store each process loads for itself. After `giveUpAtMs` so does this one, uncached.
 * @throws what the loader throws; LoadFailedError when it failed in another process;
 *   StoreUnavailableError when the cache is closed meanwhile.
 */
export async function loadMissing(
  parts: CacheParts,
  job: Job,
  giveUpAtMs = parts.clock.now() + parts.waitMs,
): Promise<unknown> {
  const { clock, closing, pace, random } = parts
  const token = random.token()
  let known: Known = {}
  for (let polls = 0; ; polls++) {
    closing.throwIfTripped()
    const reply = await askForLease(parts, job, token, known)
    switch (reply?.state) {
      case undefined:
        return loadUncached(parts, job)
      case 'won':
        return (await runLoader(parts, job, token)).value
      case 'failed':
        return outcomeElsewhere(parts, job, reply.reason, giveUpAtMs)
      case 'fresh': {
        const found = decodeValue(reply.entry)
        if (found) {
          pace.record(found.loadMs)
          return found.value
        }
        parts.emit({ type: 'corrupt', key: job.key })
        known = { ...known, seen: reply.entry.version }
        break
      }
      case 'lost': {
        const leftMs = giveUpAtMs - clock.now()
        if (leftMs <= 0) return loadUncached(parts, job)
        known = { ...known, awaited: reply.holder }
        // Not past the lease's end: if its loader has crashed, somebody must take over then.
        const pauseMs = Math.min(pace.pauseMs(polls, random), reply.remainingMs + 1, leftMs)
        await sleep(clock, pauseMs, closing)
      }
    }
  }
}

async function outcomeElsewhere(parts: CacheParts, job: Job, reason: string, giveUpAtMs: number) {
  switch (reason) {
    case NO_VALUE:
      return undefined
    case NOT_STORED:
      return loadUncached(parts, job)
    case ABANDONED:
      return loadMissing(parts, job, giveUpAtMs)
    default:
      throw new LoadFailedError(`the loader failed in another process: ${reason}`)
  }
}

/**
 * Replaces a stale value, if this process is elected. Nobody waits for it: failures are events only.
 * A try that led to no new value is followed by a pause inside, so that stale hits do not ask again
 * and again.
 */
export async function refreshStale(parts: CacheParts, job: Job, stale: CachedValue): Promise<void> {
  const token = parts.random.token()
  const reply = await askForLease(parts, job, token, { seen: stale.version })
  if (reply?.state === 'fresh') return
  if (reply?.state === 'won') {
    const committed = await runLoader(parts, job, token).then(
      (loaded) => loaded.committed,
      () => false,
    )
    if (committed) return
  }
  let quietMs = Math.max(QUIET_MS_MIN, stale.loadMs)
  if (reply?.state === 'lost') quietMs = Math.min(quietMs, reply.remainingMs)
  await new Promise<void>((resolve) => parts.clock.after(quietMs, resolve, { background: true }))
}

type Known = Pick<LoadLeaseRequest, 'seen' | 'awaited'>

/** `undefined` when the store is in trouble: then this process is not elected. */
async function askForLease(parts: CacheParts, { key }: Job, token: string, known: Known) {
  const { client, emit, leaseMs } = parts
  try {
    return await client.lease({ key, token, leaseMs, ...known })
  } catch (error) {
    emit({ type: 'store-error', key, error: error as Error })
    return (await wasGranted(parts, key, token)) ? ({ state: 'won' } as const) : undefined
  }
}

/**
 * Whether a lease is ours although its reply was lost. Asked before the loader runs: a request still
 * on its way may be granted after a delete that the loader has not seen.
 */
async function wasGranted({ client, emit, leaseMs }: CacheParts, key: string, token: string) {
  try {
    return await client.renew(key, token, leaseMs)
  } catch (error) {
    emit({ type: 'store-error', key, error: error as Error })
    return false
  }
}
