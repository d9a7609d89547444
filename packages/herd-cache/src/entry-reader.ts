import type { LocksError, StoredEntry } from '@locks/core'
import type { CacheParts } from './cache-parts.ts'
import { type CachedValue, openEntry } from './cached-value.ts'
import type { NearCache } from './l1/near-cache.ts'

/** A value as found in the store. */
export type Found = CachedValue & { readonly state: 'fresh' | 'stale' }

/** What one look at the store has shown. */
export interface Look {
  readonly found: readonly (Found | undefined)[]
  /** `false`: the store is in trouble. */
  readonly answered: boolean
}

/** Reads entries. A store in trouble is a miss, as is what nobody can decode. */
export class EntryReader {
  readonly #parts: CacheParts
  readonly #near: NearCache | undefined

  constructor(parts: CacheParts, near?: NearCache) {
    this.#parts = parts
    this.#near = near
  }

  async read(key: string): Promise<Found | undefined> {
    const [found] = await this.readMany([key])
    return found
  }

  /**
   * One command, and one for all their tags. Tells why where there is nothing; a hit is told by who makes
   * one of it.
   */
  async readMany(keys: readonly string[]): Promise<readonly (Found | undefined)[]> {
    return (await this.look(keys)).found
  }

  /** As `readMany`, with what the store has to do with it. */
  async look(keys: readonly string[]): Promise<Look> {
    const near = this.#near
    if (!near) return this.#look(keys)
    const readings = keys.map((key) => near.begin(key))
    const look = await this.#look(keys)
    for (const [i, cached] of look.found.entries()) {
      const freshMs = (cached?.softExpiresAtMs ?? 0) - this.#parts.client.now()
      near.end(readings[i], freshMs > 0 && cached ? { value: cached.value, freshMs } : undefined)
    }
    return look
  }

  async #look(keys: readonly string[]): Promise<Look> {
    if (keys.length === 0) return { found: [], answered: true }
    const askedAtMs = this.#parts.clock.now()
    try {
      const entries = await this.#parts.marks.readAlong(keys)
      const opened = await Promise.all(keys.map((key, i) => this.#open(key, entries[i])))
      return { found: await this.#judge(keys, opened, askedAtMs), answered: true }
    } catch (error) {
      for (const key of keys) this.#parts.emit({ type: 'store-error', key, error: error as Error })
      const answered = (error as LocksError).code !== 'STORE_UNAVAILABLE'
      return { found: keys.map(() => undefined), answered }
    }
  }

  async #judge(
    keys: readonly string[],
    opened: readonly (CachedValue | undefined)[],
    askedAtMs: number,
  ): Promise<(Found | undefined)[]> {
    const isGood = (cached: CachedValue | undefined) =>
      !cached || this.#parts.marks.isKnownGood(cached.versions ?? [], askedAtMs)
    const values = opened.every(isGood) ? opened : await this.#onlyCurrent(keys, opened)
    const { client } = this.#parts
    // Without an answer what is known of the time must do.
    if (!client.knowsTime && values.some((cached) => cached))
      await client.learnTime(keys[0] as string).catch(() => {})
    return values.map((cached) => cached && { ...cached, state: this.#stateOf(cached) })
  }

  async #open(key: string, entry: StoredEntry | undefined): Promise<CachedValue | undefined> {
    if (entry) return openEntry(this.#parts, key, entry)
    this.#parts.emit({ type: 'miss', key })
    return undefined
  }

  /** What `clear` or `invalidateTags` has ended is a miss. */
  async #onlyCurrent(
    keys: readonly string[],
    opened: readonly (CachedValue | undefined)[],
  ): Promise<readonly (CachedValue | undefined)[]> {
    const { emit, marks } = this.#parts
    const versions = opened.map((cached) => cached?.versions ?? [])
    const current = await marks.areCurrent(versions)
    return opened.map((cached, i) => {
      if (!cached || current[i]) return cached
      emit({ type: 'miss', key: keys[i] as string })
      return undefined
    })
  }

  #stateOf(cached: CachedValue): Found['state'] {
    return this.#parts.client.now() < cached.softExpiresAtMs ? 'fresh' : 'stale'
  }
}
