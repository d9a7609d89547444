import type { CacheParts, Job } from './cache-parts.ts'
import { encodeValue } from './cached-value.ts'
import { LeaseRenewal } from './lease-renewal.ts'

/** Told to other processes in place of an error: the loader had nothing to store. */
export const NO_VALUE = 'no value'

/** How long the reason of a failed load waits for those who poll. */
const REASON_KEPT_MS = 5000
const REASON_MAX = 200

/**
 * Runs the loader under the lease of `token` and stores its value, if the lease still stands by then.
 * Its callers get the value either way. @throws what the loader throws, after others were told.
 */
export async function runLoader(parts: CacheParts, job: Job, token: string): Promise<unknown> {
  const { client, clock, emit, pace } = parts
  const { key } = job
  const renewal = new LeaseRenewal(parts, key, token)
  const loadStartedAtMs = client.now()
  const startedAtMs = clock.now()
  let value: unknown
  try {
    value = await job.load()
  } catch (error) {
    emit({ type: 'load-failed', key, error })
    await giveUp(parts, key, token, reasonOf(error))
    throw error
  } finally {
    renewal.stop()
  }
  const loadMs = clock.now() - startedAtMs
  pace.record(loadMs)
  const committed = await store(parts, job, token, value, { loadStartedAtMs, loadMs })
  emit({ type: 'loaded', key, loadMs, committed })
  return value
}

async function store(
  parts: CacheParts,
  { key, ttlMs, graceMs }: Job,
  token: string,
  value: unknown,
  load: { readonly loadStartedAtMs: number; readonly loadMs: number },
): Promise<boolean> {
  const { client, emit } = parts
  if (value === undefined) {
    await giveUp(parts, key, token, NO_VALUE)
    return false
  }
  let data: Uint8Array
  try {
    data = encodeValue(value, { ...load, softExpiresAtMs: client.now() + ttlMs })
  } catch (error) {
    await giveUp(parts, key, token, reasonOf(error))
    return false
  }
  try {
    const committed = await client.commit({ key, token, data, ttlMs: ttlMs + graceMs })
    if (!committed) emit({ type: 'fenced', key })
    return committed
  } catch (error) {
    emit({ type: 'store-error', key, error: error as Error })
    return false
  }
}

/** Without an answer the lease ends by itself, and the others wait that long. */
async function giveUp(parts: CacheParts, key: string, token: string, reason: string) {
  try {
    await parts.client.fail(key, token, reason, REASON_KEPT_MS)
  } catch (error) {
    parts.emit({ type: 'store-error', key, error: error as Error })
  }
}

const reasonOf = (error: unknown): string =>
  (error instanceof Error ? `${error.name}: ${error.message}` : String(error)).slice(0, REASON_MAX)
