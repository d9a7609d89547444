import type { Interrupt } from '@locks/core/parts'
import { type CacheEntry, entryOf } from './cache-entry.ts'
import type { CacheParts, Job, Wanted } from './cache-parts.ts'
import { isEarlyDue } from './early.ts'
import type { EntryReader, Found, Look } from './entry-reader.ts'
import { jobOf } from './job-of.ts'
import { loadMissing, refreshStale } from './load.ts'
import { Revival } from './revival.ts'
import { type Flight, SingleFlight } from './single-flight.ts'

type Fetched = Promise<CacheEntry<unknown>>

/** Gets values: one read and one load per key at a time in this process, whoever asks. */
export class Fetcher {
  readonly #parts: CacheParts
  readonly #reader: EntryReader
  /** Reads and loads that callers wait for. */
  readonly #flights = new SingleFlight()
  /** Loads behind a value that callers already have. */
  readonly #refreshes = new SingleFlight()
  readonly #revival: Revival

  /** What is detached here is detached there as well. */
  readonly #beside: Fetcher | undefined

  constructor(parts: CacheParts, reader: EntryReader, beside?: Fetcher) {
    this.#parts = parts
    this.#reader = reader
    this.#beside = beside
    this.#revival = new Revival(parts)
  }

  /** `caller` ends the wait of this one. @throws LoadRecursionError besides what a load throws. */
  fetch(wanted: Wanted, caller?: Interrupt): Fetched {
    return this.#run(wanted, caller, async (job) =>
      this.#supply(job, await this.#reader.look([wanted.key]), 0),
    )
  }

  /** As `fetch` for each, with one read for all that nobody is fetching yet. */
  fetchMany(wanted: readonly Wanted[], caller?: Interrupt): Fetched[] {
    const keys: string[] = []
    // By then all who need it have put down their keys.
    const look = Promise.resolve().then(() => this.#reader.look(keys))
    return wanted.map((each) =>
      this.#run(each, caller, async (job) => {
        const at = keys.push(each.key) - 1
        return this.#supply(job, await look, at)
      }),
    )
  }

  /** Loads although there is a value, and waits for it. */
  reload(wanted: Wanted): Fetched {
    this.detach(wanted.key)
    return this.#run(wanted, undefined, async (job) => {
      const found = await this.#reader.read(wanted.key)
      return loadMissing(this.#parts, job, found ? { seen: found.version } : {})
    })
  }

  /** Whoever asks from now on must not get what was read or loaded before. */
  detach(key: string): void {
    this.#flights.detach(key)
    this.#refreshes.detach(key)
    this.#revival.detach(key)
    this.#parts.alone.detach(key)
    this.#parts.outage.forget(key)
    this.#beside?.detach(key)
  }

  /** As `detach`, for whatever is under way. */
  detachIf(isMeant: (key: string) => boolean): void {
    const { alone, outage } = this.#parts
    const lists = [this.#flights, this.#refreshes, this.#revival, alone, outage]
    const keys = new Set(lists.flatMap((list) => [...list.keys()]))
    for (const key of [...keys].filter(isMeant)) this.detach(key)
    this.#beside?.detachIf(isMeant)
  }

  async #run(wanted: Wanted, caller: Interrupt | undefined, get: (job: Job) => Fetched): Fetched {
    const note = this.#parts.nesting.check(wanted.key)
    const start = (flight: Flight) => get(jobOf(wanted, flight, false))
    const fetched = this.#flights.run(wanted.key, start, caller)
    note?.(fetched)
    return fetched
  }

  async #supply(job: Job, { found, answered }: Look, at: number): Fetched {
    const { client, emit, outage, random } = this.#parts
    const { early, graceMs, key, keptMs } = job
    const value = found[at]
    if (!value) return answered ? loadMissing(this.#parts, job) : outage.load(this.#parts, job)
    const nowMs = client.now()
    if (keptMs > graceMs && nowMs >= value.softExpiresAtMs + graceMs)
      return this.#revival.load(job, value)
    emit({ type: 'hit', key, state: value.state })
    if (value.state === 'stale' || isEarlyDue(early, value, nowMs, random))
      this.#refresh(job, value)
    return entryOf(this.#parts, value)
  }

  #refresh(job: Job, found: Found): void {
    const start = (flight: Flight) => refreshStale(this.#parts, jobOf(job, flight, true), found)
    void this.#refreshes.run(job.key, start)
  }
}
