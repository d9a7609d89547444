import { Bulkhead } from './bulkhead.ts'
import type { CacheEntry } from './cache-entry.ts'
import type { CacheParts, Job } from './cache-parts.ts'
import { loadAlone } from './load-alone.ts'
import { type Loaded, loadUncached } from './run-loader.ts'

export interface OutageLimits {
  /** How long a value that was loaded without the store serves this process. */
  readonly microTtlMs: number
  /** How many loaders run at once. */
  readonly loadsMax: number
}

interface Kept {
  readonly value: unknown
  readonly loadedAtMs: number
  readonly loadMs: number
  readonly untilMs: number
  /** How many answers the store had given by then. */
  readonly answers: number
}

/** A bound for memory; the oldest goes. */
const KEPT_MAX = 1000

/**
 * Values while the store does not answer: each process loads for itself, not too much at once, and what
 * it has loaded serves it for a moment, until the store answers again.
 */
export class Outage {
  readonly #limits: OutageLimits
  readonly #bulkhead: Bulkhead
  readonly #kept = new Map<string, Kept>()

  constructor({ microTtlMs, loadsMax }: OutageLimits, bulkhead = new Bulkhead(loadsMax)) {
    this.#limits = { microTtlMs, loadsMax }
    this.#bulkhead = bulkhead
  }

  /** For loads of another kind, which have the same keys and other values; `loadsMax` is for both together. */
  sibling(): Outage {
    return new Outage(this.#limits, this.#bulkhead)
  }

  /** @throws what the loader throws; LoadTimeoutError when it had to wait too long for others. */
  async load(parts: CacheParts, job: Job): Promise<CacheEntry<unknown>> {
    const { clock } = parts
    const kept = this.#kept.get(job.key)
    if (kept && kept.untilMs > clock.now() && kept.answers === parts.client.answers)
      return entryOf(kept.value, clock.now() - kept.loadedAtMs + kept.loadMs)
    const { value, loadMs } = await loadAlone(parts, job, (own) => this.#load(parts, own))
    return entryOf(value, loadMs)
  }

  keys(): Iterable<string> {
    return this.#kept.keys()
  }

  /** The value has been superseded by this process. */
  forget(key: string): void {
    this.#kept.delete(key)
  }

  async #load(parts: CacheParts, job: Job): Promise<Loaded> {
    const { clock, closing } = parts
    const room = {
      clock,
      waitMs: job.settings.loaderTimeoutMs,
      interrupts: [closing, job.abandoned],
    }
    const loaded = await this.#bulkhead.run(() => loadUncached(parts, job), room)
    this.#keep(parts, job, loaded)
    return loaded
  }

  #keep({ client, clock }: CacheParts, job: Job, { value, skipped, loadMs }: Loaded): void {
    // A delete during the load came from here: what was read before it is over.
    if (!job.isJoinable() || value === undefined || skipped) return
    const { key, settings } = job
    const loadedAtMs = clock.now()
    const untilMs = loadedAtMs + Math.min(this.#limits.microTtlMs, settings.ttlMs)
    this.#kept.delete(key)
    this.#kept.set(key, { value, loadedAtMs, loadMs, untilMs, answers: client.answers })
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > KEPT_MAX && oldest !== undefined) this.#kept.delete(oldest)
  }
}

const entryOf = (value: unknown, ageMs: number): CacheEntry<unknown> => ({
  value,
  state: 'loaded',
  ageMs,
  remainingMs: 0,
})
