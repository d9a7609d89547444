import type { Interrupt } from '@locks/core/parts'
import { type CacheEntry, entryOf } from './cache-entry.ts'
import type { CacheParts, Wanted } from './cache-parts.ts'
import { isEarlyDue } from './early.ts'
import type { EntryReader, Found } from './entry-reader.ts'
import { jobOf } from './job-of.ts'
import { loadMissing, refreshStale } from './load.ts'
import type { ReadBatch } from './read-batch.ts'
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

  /**
   * `caller` ends the wait of this one; `batch` is what is read with it.
   * @throws LoadRecursionError at once, besides what a load rejects with.
   */
  fetch(wanted: Wanted, caller?: Interrupt, batch?: ReadBatch): Fetched {
    return this.#run(wanted, (flight) => this.#get(wanted, flight, batch), caller)
  }

  /** As `fetch` for each, with one read for all that nobody is fetching yet. */
  fetchMany(wanted: readonly Wanted[], caller?: Interrupt): Fetched[] {
    const batch = this.#reader.batch()
    return wanted.map(async (each) => this.fetch(each, caller, batch))
  }

  /** Loads although there is a value, and waits for it. */
  reload(wanted: Wanted): Fetched {
    this.detach(wanted.key)
    return this.#run(wanted, async (flight) => {
      const found = await this.#reader.read(wanted.key)
      const job = jobOf(wanted, flight, false)
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

  #run(wanted: Wanted, start: (flight: Flight) => Fetched, caller?: Interrupt): Fetched {
    const note = this.#parts.nesting.check(wanted.key)
    const fetched = this.#flights.run(wanted.key, start, caller)
    note?.(fetched)
    return fetched
  }

  async #get(wanted: Wanted, flight: Flight, batch?: ReadBatch): Fetched {
    const { client, emit, outage, random } = this.#parts
    const { key, settings } = wanted
    const looked = await this.#reader.look(key, batch)
    if (looked === 'miss') return loadMissing(this.#parts, jobOf(wanted, flight, false))
    if (looked === 'trouble') return outage.load(this.#parts, jobOf(wanted, flight, false))
    const nowMs = client.now()
    const { early, graceMs, keptMs } = settings
    if (keptMs > graceMs && nowMs >= looked.softExpiresAtMs + graceMs)
      return this.#revival.load(jobOf(wanted, flight, false), looked)
    emit({ type: 'hit', key, state: looked.state })
    if (looked.state === 'stale' || isEarlyDue(early, looked, nowMs, random))
      this.#refresh(wanted, looked)
    return entryOf(this.#parts, looked)
  }

  #refresh(wanted: Wanted, found: Found): void {
    const start = (flight: Flight) => refreshStale(this.#parts, jobOf(wanted, flight, true), found)
    void this.#refreshes.run(wanted.key, start)
  }
}
