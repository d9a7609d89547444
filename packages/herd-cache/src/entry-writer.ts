import { InvalidArgumentError } from '@locks/core'
import type { CacheParts } from './cache-parts.ts'
import type { EntrySettings } from './entry-options.ts'
import { lifetime } from './lifetime.ts'
import type { Pipeline } from './pipeline/pipeline.ts'
import { SKEW_MS } from './skew.ts'

/** So often a value may change while it is being made stale; then it is removed. */
const EXPIRE_TRIES = 5

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
  async set(values: Values, settings: EntrySettings): Promise<void> {
    const { client, marks, pipeline, random } = this.#parts
    const [first] = values
    if (!first) return
    const forms = await packed(pipeline, values)
    const keys = values.map(([key]) => key)
    const versions = await client.changing(keys, async () => {
      await client.learnTime(first[0])
      return marks.take(settings.tags, settings.ttlMs + settings.keptMs)
    })
    const loadStartedAtMs = client.now()
    const writes = forms.map(async ([key, form]) => {
      const { freshMs, ttlMs } = lifetime(settings, random)
      const softExpiresAtMs = loadStartedAtMs + freshMs
      const data = pipeline.stamp(form, { softExpiresAtMs, loadStartedAtMs, loadMs: 0, versions })
      await client.write({ key, token: random.token(), data, ttlMs })
    })
    const failed = (await Promise.allSettled(writes)).find(({ status }) => status === 'rejected')
    if (failed) throw (failed as PromiseRejectedResult).reason
  }

  /** The count of entries that were there. @throws StoreUnavailableError */
  async remove(keys: readonly string[]): Promise<number> {
    return keys.length > 0 ? this.#parts.client.remove(keys) : 0
  }

  /**
   * Makes a value stale, for what is left of `graceMs` since it was fresh, and voids its load; whether
   * it was fresh. @throws StoreUnavailableError
   */
  async expire(key: string, graceMs: number): Promise<boolean> {
    const { client, pipeline, random } = this.#parts
    await client.learnTime(key)
    let wasFresh = false
    for (let tries = 0; tries < EXPIRE_TRIES; tries++) {
      const entry = await this.#current(key)
      const softExpiresAtMs = (entry && pipeline.freshnessOf(entry.data)?.softExpiresAtMs) ?? 0
      const isFresh = softExpiresAtMs > client.now()
      wasFresh ||= isFresh
      const leftMs = isFresh ? graceMs : softExpiresAtMs + graceMs - client.now()
      const ttlMs = Math.floor(leftMs)
      // No process may take it for fresh whose idea of the store's time lags a little.
      const data =
        entry && pipeline.restamp(entry.data, Math.min(softExpiresAtMs, client.now() - SKEW_MS))
      // Also without an entry: a load that is under way must not store what it has read before.
      if (!data || ttlMs < 1) break
      const change = { key, token: random.token(), data, ttlMs, expected: entry.version }
      if ((await client.compareAndSet(change)).state === 'written') return wasFresh
    }
    await client.remove([key])
    return wasFresh
  }

  /** The entry as it is stored, unless one of its tags was invalidated. */
  async #current(key: string) {
    const { client, marks, pipeline } = this.#parts
    const [entry] = await client.read([key])
    const versions = (entry && pipeline.freshnessOf(entry.data)?.versions) ?? []
    const [isCurrent] = await marks.areCurrent([versions])
    return isCurrent ? entry : undefined
  }
}

/**
 * Serialized in the caller's turn: what he changes later has no part in it.
 * @throws InvalidArgumentError for a value that has no stored form.
 */
export async function packed(pipeline: Pipeline, values: Values) {
  try {
    const raw = values.map(([key, value]) => [key, pipeline.serialize(value)] as const)
    const packing = raw.map(async ([key, bytes]) => [key, await pipeline.pack(key, bytes)] as const)
    return await Promise.all(packing)
  } catch {
    throw new InvalidArgumentError('the value cannot be serialized, compressed or encrypted')
  }
}
