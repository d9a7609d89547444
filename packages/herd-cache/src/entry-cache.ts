import type { Name } from '@locks/core'
import { type CacheEntry, entryOf } from './cache-entry.ts'
import type { CacheMachine } from './cache-machine.ts'
import type { EntryOptions } from './entry-options.ts'
import type { Found } from './entry-reader.ts'
import { namePattern } from './name-pattern.ts'
import { EVERYTHING } from './tags/tag-marks.ts'

/** Entries as they are: what a cache does without a loader. */
export abstract class EntryCache {
  protected readonly machine: CacheMachine

  protected constructor(machine: CacheMachine) {
    this.machine = machine
  }

  /** @internal For what is built on a cache and is no method of it. */
  static machineOf(cache: EntryCache): CacheMachine {
    return cache.machine
  }

  /** The value while it is fresh, else `undefined`. A store in trouble is a miss. */
  get<T>(key: Name): Promise<T | undefined> {
    return (this.machine.near?.cache.get(key) as Promise<T> | undefined) ?? this.#getFar(key)
  }

  /** As `get` for each key, in their order, with one command. */
  async getMany<T>(keys: readonly Name[]): Promise<(T | undefined)[]> {
    const storedAs = this.machine.entrance.keys(keys)
    if (storedAs.length === 0) return []
    const found = await this.machine.reader.readMany(storedAs)
    return storedAs.map((key, i) => this.#freshValue(key, found[i]) as T | undefined)
  }

  /** The value and what is known of it, fresh or stale; `undefined` if there is none. Loads nothing. */
  async getEntry<T>(key: Name): Promise<CacheEntry<T> | undefined> {
    const storedAs = this.machine.entrance.key(key)
    const found = await this.machine.reader.read(storedAs)
    if (!found) return undefined
    this.machine.parts.emit({ type: 'hit', key: storedAs, state: found.state })
    return entryOf(this.machine.parts, found) as CacheEntry<T>
  }

  /** Whether `get` would find a value. */
  async exists(key: Name): Promise<boolean> {
    return (await this.get(key)) !== undefined
  }

  /** For how many more milliseconds `get` will find the value; `undefined` if it finds none. */
  async ttl(key: Name): Promise<number | undefined> {
    const entry = await this.getEntry(key)
    return entry?.state === 'fresh' ? entry.remainingMs : undefined
  }

  /** Stores a value and voids any load of the key. @throws StoreUnavailableError */
  set(key: Name, value: unknown, options: EntryOptions = {}): Promise<void> {
    return this.setMany([[key, value]], options)
  }

  /**
   * As `set` for each. Nothing is sent unless all can be stored.
   * @throws StoreUnavailableError when some may not have been stored.
   */
  async setMany(
    entries: Iterable<readonly [key: Name, value: unknown]>,
    options: EntryOptions = {},
  ): Promise<void> {
    const values = Array.from(
      entries,
      ([key, value]) => [this.machine.entrance.key(key), value] as const,
    )
    const settings = this.machine.entrance.settings(options)
    try {
      await this.machine.writer.set(values, settings)
    } finally {
      for (const [key] of values) this.machine.fetcher.detach(key)
    }
  }

  /**
   * Removes a value and voids any load of the key; whether the store had one, also if it was stale,
   * invalidated or cleared. Once it resolves, no read of the store returns the old value.
   * @throws StoreUnavailableError
   */
  async delete(key: Name): Promise<boolean> {
    return (await this.deleteMany([key])) > 0
  }

  /** As `delete` for each key; how many there were. @throws StoreUnavailableError */
  async deleteMany(keys: readonly Name[]): Promise<number> {
    const storedAs = this.machine.entrance.keys(keys)
    try {
      return await this.machine.writer.remove(storedAs)
    } finally {
      for (const key of storedAs) this.machine.fetcher.detach(key)
    }
  }

  /**
   * As `delete` for every name that is like `pattern`, in O(keys of the store). In a text `*` stands for
   * any characters (`'user:*'`), as a part of an array for any one part (`['user', '*']`); `'*'` is every
   * name. A name so long that it is stored by its digest is found by a text that ends with `*`. No
   * snapshot: a name that comes meanwhile may stay.
   * @throws UnsupportedError where the store cannot list, or with another `identity` than the default;
   *   StoreUnavailableError when some may not have been removed.
   */
  async deletePattern(pattern: Name): Promise<number> {
    this.machine.parts.closing.throwIfTripped()
    const names = namePattern(pattern)
    try {
      return await this.machine.walker.remove(names)
    } finally {
      this.machine.fetcher.detachIf((key) => this.machine.walker.covers(names, key))
    }
  }

  /**
   * Ends the ttl of a value and voids any load of the key; whether it was fresh. The value is still
   * served as a stale one for the grace, by default the cache's. @throws StoreUnavailableError
   */
  async expire(key: Name, { grace }: Pick<EntryOptions, 'grace'> = {}): Promise<boolean> {
    const storedAs = this.machine.entrance.key(key)
    const { keptMs } = this.machine.entrance.settings(grace === undefined ? {} : { grace })
    try {
      return await this.machine.writer.expire(storedAs, keptMs)
    } finally {
      this.machine.fetcher.detach(storedAs)
    }
  }

  /**
   * As `delete` for every value that has one of these tags, and for those whose load began before: one
   * command to read and one for each tag, whatever the number of values. Once it resolves, no read of the
   * store returns such a value. @throws StoreUnavailableError when some may still be returned.
   */
  async invalidateTags(tags: readonly Name[]): Promise<void> {
    const ids = this.machine.entrance.tags(tags)
    await this.#invalidate(ids)
  }

  /**
   * As `delete` for every value of this namespace, not those within it; in two commands, whatever their
   * number, and 0.1 s: for so long other processes may go by what they read last.
   * @throws StoreUnavailableError
   */
  clear(): Promise<void> {
    return this.#invalidate([EVERYTHING])
  }

  async #invalidate(tags: readonly string[]): Promise<void> {
    const { fetcher, near, parts } = this.machine
    parts.closing.throwIfTripped()
    try {
      await parts.marks.change(tags)
    } finally {
      // Nobody is told of a tag that the store has lost.
      near?.cache.dropTagged()
      // What is under way may be about any of them.
      fetcher.detachIf(() => true)
    }
  }

  async #getFar<T>(key: Name): Promise<T | undefined> {
    const storedAs = this.machine.entrance.key(key)
    return this.#freshValue(storedAs, await this.machine.reader.read(storedAs)) as T | undefined
  }

  #freshValue(key: string, found: Found | undefined): unknown {
    if (found?.state !== 'fresh') {
      if (found) this.machine.parts.emit({ type: 'miss', key })
      return undefined
    }
    this.machine.parts.emit({ type: 'hit', key, state: 'fresh' })
    return found.value
  }
}
