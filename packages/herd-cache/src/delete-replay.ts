import type { CancelTimer, Clock, Random } from '@locks/core'

/** The most keys that are remembered; of more, all entries are ended in their place. */
const KEYS_MAX = 10_000
/** How many go into one command. */
const BATCH = 500

interface Circumstances {
  readonly clock: Clock
  readonly random: Random
  /** Deleted in place of too many. */
  readonly everything: string
  /** How long to wait before the store is tried again. */
  readonly retryMs: number
  /** Deletes them, or says that it could not. */
  remove(keys: readonly string[]): Promise<unknown>
  /** So many have been made good. */
  replayed(keys: number): void
  /** So many were too many. */
  overflowed(keys: number): void
}

/**
 * The keys whose `delete` or `set` has failed: the store may still hold what came before. Each is deleted
 * as soon as the store answers; a value that was to be set is not, since a newer one may be there by then.
 */
export class DeleteReplay {
  readonly #at: Circumstances
  /** A mark of its own for each failure. */
  readonly #marks = new Map<string, object>()
  #cancel: CancelTimer | undefined
  #stopped = false

  constructor(circumstances: Circumstances) {
    this.#at = circumstances
  }

  /** Those of `keys` that are to be deleted before anything else is done with them. */
  among(keys: readonly string[]): readonly string[] {
    return this.#marks.size === 0 ? [] : keys.filter((key) => this.#marks.has(key))
  }

  /** The delete or set of `keys` has failed. */
  note(keys: readonly string[]): void {
    for (const key of keys) this.#marks.set(key, {})
    if (this.#marks.size > KEYS_MAX) {
      this.#at.overflowed(this.#marks.size)
      this.#marks.clear()
      this.#marks.set(this.#at.everything, {})
    }
    this.#arm()
  }

  /** Runs `change`, after which nothing that has failed before matters for `keys`. */
  async superseding<T>(keys: readonly string[], change: () => Promise<T>): Promise<T> {
    const marks = keys.map((key) => this.#marks.get(key))
    const outcome = await change()
    for (const [i, key] of keys.entries()) {
      // What has failed meanwhile stays.
      if (marks[i] && this.#marks.get(key) === marks[i]) this.#marks.delete(key)
    }
    return outcome
  }

  /** Deletes `keys`, which are to be. @throws StoreUnavailableError */
  async settle(keys: readonly string[]): Promise<void> {
    await this.superseding(keys, () => this.#at.remove(keys))
    this.#at.replayed(keys.length)
  }

  /** The store answers again. */
  async retry(): Promise<void> {
    this.#cancel?.()
    this.#cancel = undefined
    const keys = [...this.#marks.keys()]
    try {
      for (let at = 0; at < keys.length; at += BATCH) await this.settle(keys.slice(at, at + BATCH))
    } catch {
      // It is told by the breaker; the next try is due.
    }
    this.#arm()
  }

  stop(): void {
    this.#stopped = true
    this.#cancel?.()
  }

  #arm(): void {
    if (this.#cancel || this.#stopped || this.#marks.size === 0) return
    const { clock, random, retryMs } = this.#at
    const delayMs = retryMs * (1 + random.fraction() / 4)
    this.#cancel = clock.after(delayMs, () => void this.retry(), { background: true })
  }
}
