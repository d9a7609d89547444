/** What was known of a key when its reading began. */
export interface Reading {
  readonly key: string
  readonly seen: Watch
  readonly changes: number
  readonly epoch: number
  readonly atMs: number
}

interface Watch {
  readers: number
  changes: number
}

/**
 * Tells whether a value that was read is still the newest we know of: a change may be heard of before the
 * reply to a read that ran ahead of it.
 */
export class FillGate {
  readonly #watched = new Map<string, Watch>()
  #epoch = 0

  begin(key: string, atMs: number): Reading {
    const seen = this.#watched.get(key) ?? { readers: 0, changes: 0 }
    this.#watched.set(key, seen)
    seen.readers++
    return { key, seen, changes: seen.changes, epoch: this.#epoch, atMs }
  }

  /** Whether nothing was heard of the key since. To be called once for each reading. */
  end({ key, seen, changes, epoch }: Reading): boolean {
    seen.readers--
    if (seen.readers === 0) this.#watched.delete(key)
    return seen.changes === changes && this.#epoch === epoch
  }

  changed(key: string): void {
    const watch = this.#watched.get(key)
    if (watch) watch.changes++
  }

  /** Anything may have changed. */
  changedAll(): void {
    this.#epoch++
  }
}
