import type { StoredEntry } from '@locks/core'
import type { CacheParts } from './cache-parts.ts'
import { type CachedValue, readValue } from './cached-value.ts'

/** A value as found in the store. */
export type Found = CachedValue & { readonly state: 'fresh' | 'stale' }

/** Reads entries. A store in trouble is a miss, as is what nobody can decode. */
export class EntryReader {
  readonly #parts: CacheParts

  constructor(parts: CacheParts) {
    this.#parts = parts
  }

  async read(key: string): Promise<Found | undefined> {
    const [found] = await this.readMany([key])
    return found
  }

  /** One command. Tells why where there is nothing; a hit is told by who makes one of it. */
  async readMany(keys: readonly string[]): Promise<(Found | undefined)[]> {
    const entries = await this.#entries(keys)
    if (!entries) return keys.map(() => undefined)
    const values = await Promise.all(keys.map((key, i) => this.#open(key, entries[i])))
    const stale = values.findIndex((cached) => cached && this.#stateOf(cached) === 'stale')
    // Without an answer the machine's own clock must do.
    if (stale >= 0) await this.#parts.client.learnTime(keys[stale] as string).catch(() => {})
    return values.map((cached) => cached && { ...cached, state: this.#stateOf(cached) })
  }

  async #entries(keys: readonly string[]) {
    const { client, emit } = this.#parts
    try {
      return await client.read(keys)
    } catch (error) {
      for (const key of keys) emit({ type: 'store-error', key, error: error as Error })
      return undefined
    }
  }

  async #open(key: string, entry: StoredEntry | undefined): Promise<CachedValue | undefined> {
    if (entry) return readValue(this.#parts, key, entry)
    this.#parts.emit({ type: 'miss', key })
    return undefined
  }

  #stateOf(cached: CachedValue): Found['state'] {
    return this.#parts.client.now() < cached.softExpiresAtMs ? 'fresh' : 'stale'
  }
}
