import { type CacheEntry, entryOf } from './cache-entry.ts'
import type { CacheParts, Job } from './cache-parts.ts'
import type { EntryReader, Found } from './entry-reader.ts'
import { loadMissing, refreshStale } from './load.ts'
import { SingleFlight } from './single-flight.ts'

/** A value that is wanted, from the store or else from its loader. */
export type Wanted = Omit<Job, 'detach'>

type Fetched = Promise<CacheEntry<unknown>>

/** Gets values: one read and one load per key at a time in this process, whoever asks. */
export class Fetcher {
  readonly #parts: CacheParts
  readonly #reader: EntryReader
  /** Reads and loads that callers wait for. */
  readonly #flights = new SingleFlight()
  /** Loads behind a stale value that callers already have. */
  readonly #refreshes = new SingleFlight()

  /** What is detached here is detached there as well. */
  readonly #beside: Fetcher | undefined

  constructor(parts: CacheParts, reader: EntryReader, beside?: Fetcher) {
    this.#parts = parts
    this.#reader = reader
    this.#beside = beside
  }

  fetch(wanted: Wanted): Fetched {
    return this.#flights.run(wanted.key, async (detach) => {
      const found = await this.#reader.read(wanted.key)
      return this.#supply({ ...wanted, detach }, found)
    })
  }

  /** As `fetch` for each, with one read for all that nobody is fetching yet. */
  fetchMany(wanted: readonly Wanted[]): Fetched[] {
    const keys: string[] = []
    // By then all who need it have put down their keys.
    const read = Promise.resolve().then(() => (keys.length > 0 ? this.#reader.readMany(keys) : []))
    return wanted.map((each) =>
      this.#flights.run(each.key, async (detach) => {
        const at = keys.push(each.key) - 1
        return this.#supply({ ...each, detach }, (await read)[at])
      }),
    )
  }

  /** Loads although there is a value, and waits for it. */
  reload(wanted: Wanted): Fetched {
    this.detach(wanted.key)
    return this.#flights.run(wanted.key, async (detach) => {
      const found = await this.#reader.read(wanted.key)
      return loadMissing(this.#parts, { ...wanted, detach }, found ? { seen: found.version } : {})
    })
  }

  /** Whoever asks from now on must not get what was read or loaded before. */
  detach(key: string): void {
    this.#flights.detach(key)
    this.#refreshes.detach(key)
    this.#beside?.detach(key)
  }

  /** As `detach`, for whatever is under way. */
  detachIf(isMeant: (key: string) => boolean): void {
    const keys = [...this.#flights.keys(), ...this.#refreshes.keys()]
    for (const key of keys.filter(isMeant)) this.detach(key)
    this.#beside?.detachIf(isMeant)
  }

  async #supply(job: Job, found: Found | undefined): Fetched {
    const { key } = job
    if (!found) return loadMissing(this.#parts, job)
    this.#parts.emit({ type: 'hit', key, state: found.state })
    if (found.state === 'stale') {
      const refresh = (detach: () => void) => refreshStale(this.#parts, { ...job, detach }, found)
      void this.#refreshes.run(key, refresh)
    }
    return entryOf(this.#parts, found)
  }
}
