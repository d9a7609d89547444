import { InvalidArgumentError } from '@locks/core'
import type { CacheParts } from './cache-parts.ts'
import type { EntrySettings } from './entry-options.ts'

/** Values to be stored, by key. */
export type Values = readonly (readonly [key: string, value: unknown])[]

/** Stores and removes entries whoever loads them. Rejects where the store does not answer. */
export class EntryWriter {
  readonly #parts: CacheParts

  constructor(parts: CacheParts) {
    this.#parts = parts
  }

  /**
   * Nothing is sent unless all values have a stored form. Each is stored on its own.
   * @throws InvalidArgumentError; StoreUnavailableError when some may not have been stored.
   */
  async set(values: Values, { ttlMs, graceMs }: EntrySettings): Promise<void> {
    const { client, pipeline, random } = this.#parts
    const [first] = values
    if (!first) return
    const packed = await this.#pack(values)
    await client.learnTime(first[0])
    const loadStartedAtMs = client.now()
    const freshness = { softExpiresAtMs: loadStartedAtMs + ttlMs, loadStartedAtMs, loadMs: 0 }
    const writes = packed.map(async ([key, form]) => {
      const data = pipeline.stamp(form, freshness)
      await client.write({ key, token: random.token(), data, ttlMs: ttlMs + graceMs })
    })
    const failed = (await Promise.allSettled(writes)).find(({ status }) => status === 'rejected')
    if (failed) throw (failed as PromiseRejectedResult).reason
  }

  /** The count of entries that were there. @throws StoreUnavailableError */
  async remove(keys: readonly string[]): Promise<number> {
    return keys.length > 0 ? this.#parts.client.remove(keys) : 0
  }

  /** Serialized in the caller's turn: what he changes later has no part in it. */
  #pack(values: Values) {
    const { pipeline } = this.#parts
    try {
      const raw = values.map(([key, value]) => [key, pipeline.serialize(value)] as const)
      return Promise.all(
        raw.map(async ([key, bytes]) => [key, await pipeline.pack(key, bytes)] as const),
      ).catch(refuse)
    } catch {
      return refuse()
    }
  }
}

const refuse = (): never => {
  throw new InvalidArgumentError('the value cannot be serialized, compressed or encrypted')
}
