import { LoadFailedError, LoadTimeoutError } from '@locks/core'
import { type Asked, askForLease, type Known } from './ask-for-lease.ts'
import { type AwaitedLoad, awaitLoad } from './await-load.ts'
import { type CacheEntry, entryOf } from './cache-entry.ts'
import type { CacheParts, Job } from './cache-parts.ts'
import { type CachedValue, readValue } from './cached-value.ts'
import { ABANDONED, NO_VALUE, NOT_STORED } from './end-load.ts'
import { loadAlone } from './load-alone.ts'
import { type Loaded, runLoader } from './run-loader.ts'

/** A lost election is not repeated for at least this long. */
const QUIET_MS_MIN = 50

interface Start {
  /** The version that will not do: it cannot be read, or a newer one is wanted. */
  readonly seen?: string
  readonly giveUpAtMs?: number
}

/**
 * Gets a value that is not there: loads it if this process is elected, else waits for who was.
 * Without the store each process loads for itself. After `giveUpAtMs` so does this one, uncached.
 * @throws what the loader throws; LoadFailedError when it failed in another process;
 *   StoreUnavailableError when the cache is closed meanwhile.
 */
export async function loadMissing(
  parts: CacheParts,
  job: Job,
  { seen, giveUpAtMs = parts.clock.now() + parts.waitMs }: Start = {},
): Promise<CacheEntry<unknown>> {
  const { closing, signals } = parts
  let known: Known = seen === undefined ? {} : { seen }
  let isSecond = false
  signals.open(job.key)
  for (let looks = 0; ; looks++) {
    closing.throwIfTripped()
    job.abandoned.throwIfTripped()
    // Asked before the command is sent: a signal can come as soon as the store has run it.
    const listening = signals.hears(job.key)
    const asked = await askForLease(parts, job.key, known)
    if (asked.state === 'lost') known = { ...known, awaited: asked.holder }
    const reply = await outcomeOf(parts, job, asked, { looks, listening, giveUpAtMs })
    switch (reply.state) {
      case 'unanswered':
        if (isSecond) return parts.outage.load(parts, job)
        isSecond = true
        break
      case 'trouble':
        return parts.outage.load(parts, job)
      case 'gave up':
        return waitedInVain(parts, job)
      case 'won':
        return loadedEntry(await runLoader(parts, job, reply.token))
      case 'failed':
        return outcomeElsewhere(parts, job, reply.reason, giveUpAtMs)
      case 'found':
        return entryOf(parts, reply.found)
      case 'fresh': {
        const found = await readValue(parts, job.key, reply.entry)
        if (found) {
          parts.pace.record(found.loadMs)
          return entryOf(parts, found)
        }
        known = { ...known, seen: reply.entry.version }
      }
    }
  }
}

/** Of an election that is lost, what becomes of the load elsewhere. @throws what ends the wait. */
function outcomeOf(
  parts: CacheParts,
  { key, abandoned }: Job,
  asked: Asked,
  wait: Pick<AwaitedLoad, 'looks' | 'listening' | 'giveUpAtMs'>,
) {
  if (asked.state !== 'lost') return asked
  return awaitLoad(parts, key, { ...asked, ...wait, interrupts: [parts.closing, abandoned] })
}

/** @throws LoadTimeoutError, or what the loader throws. */
async function waitedInVain(parts: CacheParts, job: Job): Promise<CacheEntry<unknown>> {
  if (parts.onWaitTimeout === 'reject') throw waitedTooLong(parts)
  return loadedEntry(await loadAlone(parts, job))
}

async function outcomeElsewhere(
  parts: CacheParts,
  job: Job,
  reason: string,
  giveUpAtMs: number,
): Promise<CacheEntry<unknown>> {
  switch (reason) {
    case NO_VALUE:
      return loadedEntry(NOTHING)
    case NOT_STORED:
      return loadedEntry(await loadAlone(parts, job))
    case ABANDONED:
      return loadMissing(parts, job, { giveUpAtMs })
    default:
      throw new LoadFailedError(`the loader failed in another process: ${reason}`)
  }
}

const loadedEntry = ({ value, loadMs, committed, freshMs }: Loaded): CacheEntry<unknown> => ({
  value,
  state: 'loaded',
  ageMs: loadMs,
  remainingMs: committed ? freshMs : 0,
})

const NOTHING: Loaded = {
  value: undefined,
  skipped: false,
  loadMs: 0,
  committed: false,
  freshMs: 0,
}

const waitedTooLong = ({ waitMs }: CacheParts) =>
  new LoadTimeoutError(`the load in another process took longer than ${waitMs} ms`)

/**
 * Replaces a value that is or will soon be stale, if this process is elected. Nobody waits for it: failures are events only.
 * A try that led to no new value is followed by a pause inside, so that hits do not ask again and
 * again.
 */
export async function refreshStale(parts: CacheParts, job: Job, stale: CachedValue): Promise<void> {
  const reply = await askForLease(parts, job.key, { seen: stale.version })
  if (reply.state === 'fresh') return
  let quietMs = Math.max(QUIET_MS_MIN, stale.loadMs)
  if (reply.state === 'won') {
    const committed = await runLoader(parts, job, reply.token).then(
      (loaded) => loaded.committed,
      () => {
        quietMs = Math.max(quietMs, job.settings.errorBackoffMs)
        return false
      },
    )
    if (committed) return
  }
  if (reply.state === 'lost') quietMs = Math.min(quietMs, reply.remainingMs)
  await new Promise<void>((resolve) => parts.clock.after(quietMs, resolve, { background: true }))
}
