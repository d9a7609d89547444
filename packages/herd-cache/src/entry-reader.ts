import type { StoredEntry } from '@locks/core'
import type { CacheParts } from './cache-parts.ts'
import { type CachedValue, openEntry } from './cached-value.ts'
import type { NearCache } from './l1/near-cache.ts'

/** A value as found in the store. */
export type Found = CachedValue & { readonly state: 'fresh' | 'stale' }

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
  async readMany(keys: readonly string[]): Promise<(Found | undefined)[]> {
    const near = this.#near
    if (!near) return this.#readMany(keys)
    const readings = keys.map((key) => near.begin(key))
    const found = await this.#readMany(keys)
    for (const [i, cached] of found.entries()) {
      const freshMs = (cached?.softExpiresAtMs ?? 0) - this.#parts.client.now()
      near.end(readings[i], freshMs > 0 && cached ? { value: cached.value, freshMs } : undefined)
    }
    return found
  }

  async #readMany(keys: readonly string[]): Promise<(Found | undefined)[]> {
    const askedAtMs = this.#parts.clock.now()
    const entries = await this.#entries(keys)
    if (!entries) return keys.map(() => undefined)
    const opened = await Promise.all(keys.map((key, i) => this.#open(key, entries[i])))
    const isGood = (cached: CachedValue | undefined) =>
      !cached || this.#parts.marks.isKnownGood(cached.versions ?? [], askedAtMs)
    const values = opened.every(isGood) ? opened : await this.#onlyCurrent(keys, opened)
    const stale = values.findIndex((cached) => cached && this.#stateOf(cached) === 'stale')
    // Without an answer the machine's own clock must do.
    if (stale >= 0) await this.#parts.client.learnTime(keys[stale] as string).catch(() => {})
    return values.map((cached) => cached && { ...cached, state: this.#stateOf(cached) })
  }

  async #entries(keys: readonly string[]) {
    const { emit, marks } = this.#parts
    try {
      return await marks.readAlong(keys)
    } catch (error) {
      for (const key of keys) emit({ type: 'store-error', key, error: error as Error })
      return undefined
    }
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
    try {
      const current = await marks.areCurrent(versions)
      return opened.map((cached, i) => {
        if (!cached || current[i]) return cached
        emit({ type: 'miss', key: keys[i] as string })
        return undefined
      })
    } catch (error) {
      for (const key of keys) emit({ type: 'store-error', key, error: error as Error })
      return keys.map(() => undefined)
    }
  }

  #stateOf(cached: CachedValue): Found['state'] {
    return this.#parts.client.now() < cached.softExpiresAtMs ? 'fresh' : 'stale'
  }
}
