import type { LocksError } from '@locks/core'
import type { CacheParts, Job } from './cache-parts.ts'
import { ABANDONED, endLoad, NO_VALUE, NOT_STORED } from './end-load.ts'
import { LeaseRenewal } from './lease-renewal.ts'
import { type Lifetime, lifetime } from './lifetime.ts'
import { LoadAbandoned } from './load-abandoned.ts'
import type { Made } from './loader.ts'
import type { Freshness, Packed } from './pipeline/pipeline.ts'
import type { SeenVersion } from './pipeline/seen-version.ts'
import { runBounded } from './run-bounded.ts'
import { LOAD_AGE_MS_MAX } from './tags/tag-marks.ts'

const REASON_MAX = 200

export interface Loaded {
  readonly value: unknown
  readonly loadMs: number
  /** The store has it. */
  readonly committed: boolean
  /** For how long it is fresh, if the store has it. */
  readonly freshMs: number
  /** The loader wants it given to those who wait, and no others. */
  readonly skipped: boolean
}

/**
 * Runs the loader under the lease of `token` and stores its value, if the lease still stands by then.
 * Its callers get the value either way. @throws what the loader throws, after others were told.
 */
export async function runLoader(parts: CacheParts, job: Job, token: string): Promise<Loaded> {
  const { key } = job
  const renewal = new LeaseRenewal(parts, key, token)
  const stopLeading = parts.signals.lead(token, job.detach)
  // By the store's clock: it has told its time by the answer to the election.
  const loadStartedAtMs = parts.client.now()
  try {
    const versions = await versionsBefore(parts, job)
    const { made, loadMs } = await load(parts, job)
    const packed = versions ? await pack(parts, key, made) : NOT_STORED
    renewal.stop()
    const life = lifetimeOf(parts, job, made.value)
    const stamp = { ...life, loadStartedAtMs, loadMs, ...(versions && { versions }) }
    const committed = await store(parts, key, token, packed, stamp)
    parts.emit({ type: 'loaded', key, loadMs, committed })
    return { ...made, loadMs, committed, freshMs: life.freshMs }
  } catch (error) {
    renewal.stop()
    const isLeft = parts.closed.aborted || job.abandoned.tripped || error instanceof LoadAbandoned
    await endLoad(parts, key, token, isLeft ? ABANDONED : reasonOf(parts, error))
    throw error
  } finally {
    stopLeading()
  }
}

/** Those of the tags before the loader runs; without them its value cannot be stored. Never rejects. */
async function versionsBefore(
  { emit, marks }: CacheParts,
  { key, settings }: Job,
): Promise<SeenVersion[] | undefined> {
  const { tags, ttlMs, keptMs } = settings
  try {
    return await marks.take(tags, ttlMs + keptMs, LOAD_AGE_MS_MAX)
  } catch (error) {
    emit({ type: 'store-error', key, error: error as Error })
    return undefined
  }
}

/** Runs the loader for this process alone. @throws what the loader throws. */
export async function loadUncached(parts: CacheParts, job: Job): Promise<Loaded> {
  const { made, loadMs } = await load(parts, job)
  parts.emit({ type: 'loaded', key: job.key, loadMs, committed: false })
  return { ...made, loadMs, committed: false, freshMs: 0 }
}

/** A value that says that there is none lives shorter. */
function lifetimeOf({ random }: CacheParts, { settings }: Job, value: unknown): Lifetime {
  const ttlMs = value === null ? settings.negativeTtlMs : settings.ttlMs
  return lifetime({ ...settings, ttlMs }, random)
}

async function load(parts: CacheParts, job: Job) {
  const { clock, emit, pace } = parts
  const startedAtMs = clock.now()
  try {
    const made = await runBounded(parts, job)
    const loadMs = clock.now() - startedAtMs
    pace.record(loadMs)
    return { made, loadMs }
  } catch (error) {
    if (!(error instanceof LoadAbandoned)) emit({ type: 'load-failed', key: job.key, error })
    throw error
  }
}

/** What is to be stored, or what to tell the others instead. Never rejects. */
async function pack({ emit, pipeline }: CacheParts, key: string, { value, skipped }: Made) {
  if (value === undefined) return NO_VALUE
  if (skipped) return NOT_STORED
  try {
    return await pipeline.pack(key, pipeline.serialize(value))
  } catch (error) {
    emit({ type: 'unserializable', key, error })
    return NOT_STORED
  }
}

/** Whether the store has it now. Never rejects. */
async function store(
  parts: CacheParts,
  key: string,
  token: string,
  packed: Packed | typeof NO_VALUE | typeof NOT_STORED,
  { freshMs, ttlMs, ...load }: Lifetime & Omit<Freshness, 'softExpiresAtMs'>,
): Promise<boolean> {
  const { client, emit, pipeline } = parts
  if (typeof packed === 'string') {
    await endLoad(parts, key, token, packed)
    return false
  }
  const data = pipeline.stamp(packed, { ...load, softExpiresAtMs: client.now() + freshMs })
  try {
    const committed = await client.commit({ key, token, data, ttlMs })
    if (!committed) emit({ type: 'fenced', key })
    return committed
  } catch (error) {
    emit({ type: 'store-error', key, error: error as Error })
    // Nobody needs to wait for the lease. After no answer it may be stored: one of the others looks.
    const isAnswer = (error as LocksError).code !== 'STORE_UNAVAILABLE'
    void endLoad(parts, key, token, isAnswer ? NOT_STORED : ABANDONED)
    return false
  }
}

/** Only the kind, if what is stored is a secret: the text of an error may contain parts of the value. */
function reasonOf({ pipeline }: CacheParts, error: unknown): string {
  try {
    const kind = error instanceof Error ? error.name : 'thrown'
    if (pipeline.isSecret) return kind.slice(0, REASON_MAX)
    const text = error instanceof Error ? error.message : String(error)
    return `${kind}: ${text}`.slice(0, REASON_MAX)
  } catch {
    return 'thrown: something without a text form'
  }
}
