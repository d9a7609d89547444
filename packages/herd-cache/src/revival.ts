import { type CacheEntry, entryOf } from './cache-entry.ts'
import type { CacheParts, Job } from './cache-parts.ts'
import type { Found } from './entry-reader.ts'
import { jobOf } from './job-of.ts'
import { loadMissing } from './load.ts'
import { SingleFlight } from './single-flight.ts'

/**
 * Loads what is kept for the case of an error only: a value past its grace. When the load fails, or takes
 * too long, the old value is served.
 */
export class Revival {
  readonly #parts: CacheParts
  /** Loads that may go on after their callers have got the old value. */
  readonly #loads = new SingleFlight()
  /** Keys whose load failed a short while ago. */
  readonly #pauses = new SingleFlight()

  constructor(parts: CacheParts) {
    this.#parts = parts
  }

  async load(job: Job, found: Found): Promise<CacheEntry<unknown>> {
    const { key, abandoned } = job
    const { emit } = this.#parts
    if (this.#pauses.has(key)) return this.#old(job, found)
    emit({ type: 'miss', key })
    const load = this.#loads.run(
      key,
      (flight) => loadMissing(this.#parts, jobOf(job, flight, false), { seen: found.version }),
      abandoned,
      // What has superseded the old value is newer than a load that began from it.
      found.version,
    )
    try {
      return (await this.#inTime(load, job, found)) ?? this.#old(job, found)
    } catch (error) {
      if (abandoned.tripped || !this.#mayServe(job, found)) throw error
      this.#pause(job)
      return this.#old(job, found)
    }
  }

  keys(): Iterable<string> {
    return [...this.#loads.keys(), ...this.#pauses.keys()]
  }

  detach(key: string): void {
    this.#loads.detach(key)
    this.#pauses.detach(key)
  }

  /** `undefined` when it is time for the old value. */
  async #inTime(load: Promise<CacheEntry<unknown>>, job: Job, found: Found) {
    const { softTimeoutMs } = job.settings
    if (!Number.isFinite(softTimeoutMs)) return load
    let cancel = () => {}
    const late = new Promise<undefined>((resolve) => {
      cancel = this.#parts.clock.after(softTimeoutMs, () => resolve(undefined))
    })
    const first = await Promise.race([load, late]).finally(cancel)
    return first ?? (this.#mayServe(job, found) ? undefined : load)
  }

  #mayServe({ settings }: Job, { softExpiresAtMs }: Found): boolean {
    return this.#parts.client.now() < softExpiresAtMs + settings.keptMs
  }

  #old({ key }: Job, found: Found): CacheEntry<unknown> {
    this.#parts.emit({ type: 'hit', key, state: 'stale' })
    return entryOf(this.#parts, found)
  }

  #pause({ key, settings }: Job): void {
    const { clock } = this.#parts
    const pause = () =>
      new Promise<void>((resolve) =>
        clock.after(settings.errorBackoffMs, resolve, { background: true }),
      )
    void this.#pauses.run(key, pause)
  }
}
