import { isLocksError } from '@locks/core'
import type { EntrySettings } from '../entry-options.ts'
import { frameHead } from './frame-head.ts'
import { chunkKey, encodeManifest } from './manifest.ts'
import type { StreamParts } from './stream-parts.ts'

/** How much longer than their entry chunks live at least, for who is still reading them. */
const SPARE_MS_MIN = 60_000

/**
 * Stores the items of one load as they come, in chunks that nobody knows of until their manifest is
 * stored. Holds two chunks at a time, whatever the length of the stream.
 */
export class StreamRecorder {
  readonly #stream: StreamParts
  readonly #key: string
  readonly #generation: string
  readonly #spareMs: number
  readonly #lifeMs: number
  #chunk: Buffer | undefined
  #filled = 0
  #items = 0
  #writing: Promise<void> = Promise.resolve()
  /** When each chunk was last stored. */
  readonly #storedAtMs: number[] = []
  #failed = false

  constructor(stream: StreamParts, key: string, { ttlMs, keptMs }: EntrySettings) {
    this.#stream = stream
    this.#key = key
    this.#generation = stream.parts.random.token()
    this.#spareMs = Math.max(SPARE_MS_MIN, Math.floor((ttlMs + keptMs) / 4))
    this.#lifeMs = ttlMs + keptMs + 2 * this.#spareMs
  }

  /** The stream will not be stored: what is added from now on is for its own reader only. */
  get failed(): boolean {
    return this.#failed || this.#stream.parts.closed.aborted
  }

  /** Serialized in this turn. Resolves when there is room for the next. Never rejects. */
  async add(item: unknown): Promise<void> {
    if (this.failed) return
    const raw = this.#serialized(item)
    if (!raw) return
    this.#items++
    await this.#append(frameHead(raw.length))
    await this.#append(raw)
  }

  /** What is to be stored as the entry; `undefined` when the stream cannot be. Never rejects. */
  async finish(): Promise<Uint8Array | undefined> {
    if (this.#filled > 0) await this.#flush()
    await this.#writing
    await this.#keepChunks(this.#spareMs)
    if (this.failed) return undefined
    return encodeManifest({
      generation: this.#generation,
      chunks: this.#storedAtMs.length,
      items: this.#items,
      serializerId: this.#stream.items.serializerId,
    })
  }

  /** Stores nothing more. */
  abandon(): void {
    this.#failed = true
    this.#chunk = undefined
  }

  #serialized(item: unknown): Uint8Array | undefined {
    try {
      return this.#stream.items.serialize(item)
    } catch (error) {
      this.#failed = true
      this.#stream.parts.emit({ type: 'unserializable', key: this.#key, error })
      return undefined
    }
  }

  async #append(bytes: Uint8Array): Promise<void> {
    const { chunkBytes } = this.#stream
    for (let at = 0; at < bytes.length && !this.failed; ) {
      this.#chunk ??= Buffer.allocUnsafe(chunkBytes)
      const count = Math.min(bytes.length - at, chunkBytes - this.#filled)
      this.#chunk.set(bytes.subarray(at, at + count), this.#filled)
      this.#filled += count
      at += count
      if (this.#filled === chunkBytes) await this.#flush()
    }
  }

  /** Waits for the chunk before, so that the store sets the pace. */
  async #flush(): Promise<void> {
    const raw = this.#chunk?.subarray(0, this.#filled)
    this.#chunk = undefined
    this.#filled = 0
    await this.#writing
    if (raw && !this.failed) this.#writing = this.#attempt(() => this.#store(raw))
  }

  async #store(raw: Uint8Array): Promise<void> {
    const { client, pipeline } = this.#stream.parts
    await this.#keepOldest()
    const index = this.#storedAtMs.length
    const key = chunkKey(this.#key, this.#generation, index)
    const packed = await pipeline.pack(key, raw)
    const nowMs = client.now()
    const freshness = { softExpiresAtMs: nowMs, loadStartedAtMs: nowMs, loadMs: 0 }
    await this.#write(index, pipeline.stamp(packed, freshness))
  }

  async #write(index: number, data: Uint8Array): Promise<void> {
    const { client, clock, random } = this.#stream.parts
    const key = chunkKey(this.#key, this.#generation, index)
    const sentAtMs = clock.now()
    await client.write({ key, token: random.token(), data, ttlMs: this.#lifeMs })
    this.#storedAtMs[index] = sentAtMs
  }

  /** While a load takes its time, none of its chunks may end. */
  #keepOldest(): Promise<void> {
    return this.#keepChunks(this.#lifeMs / 2)
  }

  /** Stores chunks anew that are older than this. */
  async #keepChunks(ageMs: number): Promise<void> {
    const { client, clock } = this.#stream.parts
    for (const [index, storedAtMs] of this.#storedAtMs.entries()) {
      if (this.failed) return
      if (clock.now() - storedAtMs <= ageMs) continue
      await this.#attempt(async () => {
        const [entry] = await client.read([chunkKey(this.#key, this.#generation, index)])
        if (entry) await this.#write(index, entry.data)
        else this.#failed = true
      })
    }
  }

  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work()
    } catch (error) {
      this.#failed = true
      const type = isLocksError(error) ? 'store-error' : 'unserializable'
      this.#stream.parts.emit({ type, key: this.#key, error: error as Error })
    }
  }
}
