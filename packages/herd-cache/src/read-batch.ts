import type { StoredEntry } from '@locks/core'
import type { CacheParts } from './cache-parts.ts'

/** Bounds the reply: the first value is there when the last one is. */
const KEYS_MAX = 64

/** What one command has read. */
export interface Read {
  readonly entries: readonly (StoredEntry | undefined)[]
  /** When it was sent, by our clock. */
  readonly askedAtMs: number
}

/** All keys that are asked for in one turn, read by one command. */
export class ReadBatch {
  readonly #keys: string[] = []
  #isSent = false
  /** @throws StoreUnavailableError, ConflictError */
  readonly read: Promise<Read>

  constructor(parts: CacheParts) {
    this.read = this.#send(parts)
  }

  /** More keys can be added, by whoever asks. */
  get isOpen(): boolean {
    return !this.#isSent && this.#keys.length < KEYS_MAX
  }

  /** @returns where the entry of `key` will be. */
  add(key: string): number {
    return this.#keys.push(key) - 1
  }

  async #send({ clock, marks }: CacheParts): Promise<Read> {
    // By then everybody in this turn has added his keys.
    await undefined
    this.#isSent = true
    const askedAtMs = clock.now()
    const entries = this.#keys.length > 0 ? await marks.readAlong(this.#keys) : []
    return { entries, askedAtMs }
  }
}
