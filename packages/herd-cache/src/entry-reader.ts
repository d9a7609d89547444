import type { LocksError } from '@locks/core'
import type { CacheParts } from './cache-parts.ts'
import { type CachedValue, openEntry } from './cached-value.ts'
import type { NearCache } from './l1/near-cache.ts'
import { ReadBatch } from './read-batch.ts'

/** A value as found in the store. */
export interface Found extends CachedValue {
  readonly state: 'fresh' | 'stale'
}

/** `trouble`: the store did not answer. */
export type Looked = Found | 'miss' | 'trouble'

/** Reads entries. A store in trouble is a miss, as is what nobody can decode. */
export class EntryReader {
  readonly #parts: CacheParts
  readonly #near: NearCache | undefined
  #batch: ReadBatch | undefined

  constructor(parts: CacheParts, near?: NearCache) {
    this.#parts = parts
    this.#near = near
  }

  /** What is sent at the end of this turn. */
  batch(): ReadBatch {
    if (!this.#batch?.isOpen) this.#batch = new ReadBatch(this.#parts)
    return this.#batch
  }

  async read(key: string): Promise<Found | undefined> {
    const looked = await this.look(key)
    return typeof looked === 'string' ? undefined : looked
  }

  /** As `read` for each, with one command, and one for all their tags. */
  readMany(keys: readonly string[]): Promise<(Found | undefined)[]> {
    const batch = this.batch()
    const read = async (key: string) => {
      const looked = await this.look(key, batch)
      return typeof looked === 'string' ? undefined : looked
    }
    return Promise.all(keys.map(read))
  }

  /**
   * One command for all that is looked at in the same turn; each is decoded, and fails, for itself. Tells
   * why where there is nothing; a hit is told by who makes one of it.
   */
  look(key: string, batch = this.batch()): Promise<Looked> {
    const at = batch.add(key)
    return this.#near ? this.#lookNear(key, batch, at, this.#near) : this.#look(key, batch, at)
  }

  async #lookNear(key: string, batch: ReadBatch, at: number, near: NearCache): Promise<Looked> {
    const reading = near.begin(key)
    const looked = await this.#look(key, batch, at)
    const found = typeof looked === 'string' ? undefined : looked
    const freshMs = (found?.softExpiresAtMs ?? 0) - this.#parts.client.now()
    near.end(reading, freshMs > 0 && found ? { value: found.value, freshMs } : undefined)
    return looked
  }

  async #look(key: string, { read }: ReadBatch, at: number): Promise<Looked> {
    const { client, emit, marks } = this.#parts
    try {
      const { entries, askedAtMs } = await read
      const entry = entries[at]
      if (!entry) return this.#miss(key)
      const opened = openEntry(this.#parts, key, entry)
      const cached = opened instanceof Promise ? await opened : opened
      if (!cached) return 'miss'
      const isGood = marks.isKnownGood(cached.versions ?? [], askedAtMs)
      if (!isGood && !(await this.#isCurrent(cached))) return this.#miss(key)
      // Without an answer what is known of the time must do.
      if (!client.knowsTime) await client.learnTime(key).catch(() => {})
      return this.#found(cached)
    } catch (error) {
      emit({ type: 'store-error', key, error: error as Error })
      return (error as LocksError).code === 'STORE_UNAVAILABLE' ? 'trouble' : 'miss'
    }
  }

  #miss(key: string): 'miss' {
    this.#parts.emit({ type: 'miss', key })
    return 'miss'
  }

  /** What `clear` or `invalidateTags` has ended is none any more. One command for all of this turn. */
  async #isCurrent({ versions = [] }: CachedValue): Promise<boolean | undefined> {
    const [isCurrent] = await this.#parts.marks.areCurrent([versions])
    return isCurrent
  }

  /** No spread: V8 adds to a spread's copy by its slowest way. */
  #found(cached: CachedValue): Found {
    const { value, version, softExpiresAtMs, loadStartedAtMs, loadMs, versions } = cached
    const state = this.#parts.client.now() < softExpiresAtMs ? 'fresh' : 'stale'
    return { value, version, softExpiresAtMs, loadStartedAtMs, loadMs, versions, state }
  }
}
