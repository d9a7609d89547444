import { UnsupportedError } from '@locks/core'
import { storeKeyPrefix } from '@locks/core/parts'
import type { CacheParts } from './cache-parts.ts'
import type { Entrance } from './entrance.ts'
import type { NamePattern } from './name-pattern.ts'
import { encodedIdentity } from './pipeline/encoded-identity.ts'

/** Removes entries by what they are called. */
export class EntryWalker {
  readonly #parts: CacheParts
  readonly #prefix: string
  /** Names can be told from keys. */
  readonly #canRead: boolean

  constructor(parts: CacheParts, entrance: Entrance) {
    this.#parts = parts
    this.#canRead = entrance.identity === encodedIdentity
    this.#prefix = `${storeKeyPrefix(entrance.namespace, 'c')}{`
  }

  /** Whether `key` is that of a name that the pattern means. */
  covers(pattern: NamePattern, key: string): boolean {
    if (!key.startsWith(this.#prefix) || !key.endsWith('}')) return false
    return pattern.matches(key.slice(this.#prefix.length, -1))
  }

  /** How many there were. @throws UnsupportedError; StoreUnavailableError */
  async remove(pattern: NamePattern): Promise<number> {
    const { client } = this.#parts
    if (!this.#canRead)
      throw new UnsupportedError('names can be found by the default identity only')
    let removed = 0
    let cursor: string | undefined
    do {
      const prefix = this.#prefix + pattern.start
      const page = await client.listEntries({ prefix, ...(cursor !== undefined && { cursor }) })
      if (!page) throw new UnsupportedError('this store cannot list its entries')
      const keys = [...new Set(page.keys)].filter((key) => this.covers(pattern, key))
      if (keys.length > 0) removed += await client.remove(keys)
      cursor = page.cursor
    } while (cursor !== undefined)
    return removed
  }
}
