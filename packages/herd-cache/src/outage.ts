import { Bulkhead } from './bulkhead.ts'
import type { CacheEntry } from './cache-entry.ts'
import type { CacheParts, Job } from './cache-parts.ts'
import { jobOf } from './job-of.ts'
import { type Loaded, loadUncached } from './run-loader.ts'
import { type Flight, SingleFlight } from './single-flight.ts'

export interface OutageOptions {
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
  readonly #microTtlMs: number
  readonly #bulkhead: Bulkhead
  readonly #kept = new Map<string, Kept>()
  /** A load may go on after its callers have got an old value: who asks then joins it. */
  readonly #loads = new SingleFlight()

  constructor({ microTtlMs, loadsMax }: OutageOptions) {
    this.#microTtlMs = microTtlMs
    this.#bulkhead = new Bulkhead(loadsMax)
  }

  /** @throws what the loader throws; LoadTimeoutError when it had to wait too long for others. */
  async load(parts: CacheParts, job: Job): Promise<CacheEntry<unknown>> {
    const { abandoned, background, key } = job
    const { clock } = parts
    const kept = this.#kept.get(key)
    if (kept && kept.untilMs > clock.now() && kept.answers === parts.client.answers)
      return entryOfKept(kept, clock.now())
    abandoned.throwIfTripped()
    const start = (flight: Flight) => this.#load(parts, jobOf(job, flight, background))
    return entryOfKept(await this.#loads.run(key, start, abandoned), clock.now())
  }

  keys(): Iterable<string> {
    return [...this.#kept.keys(), ...this.#loads.keys()]
  }

  /** The value has been superseded by this process. */
  forget(key: string): void {
    this.#loads.detach(key)
    this.#kept.delete(key)
  }

  async #load(parts: CacheParts, job: Job): Promise<Kept> {
    const { clock, closing } = parts
    const room = {
      clock,
      waitMs: job.settings.loaderTimeoutMs,
      interrupts: [closing, job.abandoned],
    }
    const loaded = await this.#bulkhead.run(() => loadUncached(parts, job), room)
    return this.#keep(parts, job, loaded)
  }

  #keep({ client, clock }: CacheParts, job: Job, loaded: Loaded): Kept {
    const { key, settings } = job
    const { value, skipped, loadMs } = loaded
    const loadedAtMs = clock.now()
    const untilMs = loadedAtMs + Math.min(this.#microTtlMs, settings.ttlMs)
    const kept = { value, loadedAtMs, loadMs, untilMs, answers: client.answers }
    // A delete during the load came from here: what was read before it is over.
    if (!job.isJoinable() || value === undefined || skipped) return kept
    this.#kept.delete(key)
    this.#kept.set(key, kept)
    const [oldest] = this.#kept.keys()
    if (this.#kept.size > KEPT_MAX && oldest !== undefined) this.#kept.delete(oldest)
    return kept
  }
}

const entryOfKept = ({ value, loadedAtMs, loadMs }: Kept, nowMs: number): CacheEntry<unknown> => ({
  value,
  state: 'loaded',
  ageMs: nowMs - loadedAtMs + loadMs,
  remainingMs: 0,
})
