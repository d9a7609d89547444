import { Interrupt } from '@locks/core/parts'
import { askForLease } from './ask-for-lease.ts'
import { type CacheEntry, entryOf } from './cache-entry.ts'
import type { CacheMachine } from './cache-machine.ts'
import type { CacheParts, Job, Wanted } from './cache-parts.ts'
import type { Made } from './loader.ts'
import { type Loaded, loadUncached, runLoader } from './run-loader.ts'

/** A load in the caller's own hands. */
export interface LoadLease<T> extends AsyncDisposable {
  /** The caller is elected: it makes the value and commits it, or fails. */
  readonly owner: boolean
  /** What is there: fresh, then nobody is elected; or stale. */
  readonly entry: CacheEntry<T> | undefined
  /** Aborts when the cache is closed. */
  readonly signal: AbortSignal
  /**
   * Stores the value; `false` when a delete or a newer value came first, the store did not answer, or the
   * caller is not elected. Only the first `commit` or `fail` counts.
   */
  commit(value: T): Promise<boolean>
  /** Gives the load up; those who wait for it elsewhere are told the reason. */
  fail(reason?: unknown): Promise<void>
}

/** Looks, and asks to be elected unless there is a fresh value. Does not wait for a load elsewhere. */
export async function openLease<T>(
  { parts, reader, fetcher }: CacheMachine,
  wanted: Omit<Wanted, 'load'>,
): Promise<LoadLease<T>> {
  const { key } = wanted
  const found = await reader.read(key)
  if (found) parts.emit({ type: 'hit', key, state: found.state })
  const entry = found && (entryOf(parts, found) as CacheEntry<T>)
  if (found?.state === 'fresh') return notElected(parts, entry)
  const known = found ? { seen: found.version } : {}
  let reply = await askForLease(parts, key, known)
  if (reply.state === 'unanswered') reply = await askForLease(parts, key, known)
  const { state } = reply
  if (state === 'fresh' || state === 'lost' || state === 'failed') return notElected(parts, entry)

  let give: (made: Made) => void = () => {}
  let giveUp: (reason: unknown) => void = () => {}
  const made = new Promise<Made>((resolve, reject) => {
    give = resolve
    giveUp = reject
  })
  let begin: () => void = () => {}
  const begun = new Promise<void>((resolve) => {
    begin = resolve
  })
  const load = () => {
    begin()
    return made
  }
  const job: Job = {
    key,
    settings: { ...wanted.settings, loaderTimeoutMs: Number.POSITIVE_INFINITY },
    load,
    background: false,
    detach: () => fetcher.detach(key),
    isJoinable: () => false,
    abandoned: new Interrupt(),
  }
  // Without the store each process loads for itself.
  const ran = reply.state === 'won' ? runLoader(parts, job, reply.token) : loadUncached(parts, job)
  const ended = ran.then(({ committed }: Loaded) => committed).catch(() => false)
  const fail = async (reason: unknown = new Error('given up')) => {
    giveUp(reason)
    await ended
  }
  // What the value is made of must not be looked at before.
  await begun
  return {
    owner: true,
    entry,
    signal: parts.closed,
    async commit(value) {
      give({ value, skipped: false })
      return ended
    },
    fail,
    [Symbol.asyncDispose]: () => fail(),
  }
}

const notElected = <T>(parts: CacheParts, entry: CacheEntry<T> | undefined): LoadLease<T> => ({
  owner: false,
  entry,
  signal: parts.closed,
  commit: async () => false,
  fail: async () => {},
  [Symbol.asyncDispose]: async () => {},
})
