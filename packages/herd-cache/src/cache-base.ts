import { type Name, StoreUnavailableError } from '@locks/core'
import { checkPrefix } from '@locks/core/parts'
import type { CacheEntry } from './cache-entry.ts'
import { entryOf } from './cache-entry.ts'
import type { CacheOptions } from './cache-options.ts'
import type { CacheParts } from './cache-parts.ts'
import { createParts } from './create-parts.ts'
import { Entrance } from './entrance.ts'
import type { EntryOptions } from './entry-options.ts'
import { EntryReader, type Found } from './entry-reader.ts'
import { EntryWalker } from './entry-walker.ts'
import { EntryWriter } from './entry-writer.ts'
import { type CacheStats, EventCounter } from './event-counter.ts'
import { Fetcher } from './fetcher.ts'
import type { Loader } from './loader.ts'
import { type Memoized, type MemoizeOptions, memoize } from './memoize.ts'
import { namePattern } from './name-pattern.ts'

/** What `Cache` and `HerdCache` have in common: everything but how long a load elsewhere is waited for. */
export abstract class CacheBase<Self extends CacheBase<Self>> implements AsyncDisposable {
  readonly #parts: CacheParts
  readonly #entrance: Entrance
  readonly #reader: EntryReader
  readonly #writer: EntryWriter
  readonly #fetcher: Fetcher
  readonly #walker: EntryWalker
  readonly #events = new EventCounter()
  readonly #children = new Map<string, Self>()
  readonly #closed = new AbortController()

  protected constructor(options: CacheOptions, waitMs: number) {
    const { signal } = this.#closed
    const count = this.#events.count.bind(this.#events)
    this.#parts = createParts(options, { waitMs, closed: signal, count })
    this.#entrance = new Entrance(this.#parts, options)
    this.#reader = new EntryReader(this.#parts)
    this.#writer = new EntryWriter(this.#parts)
    this.#fetcher = new Fetcher(this.#parts, this.#reader)
    this.#walker = new EntryWalker(this.#parts, this.#entrance)
  }

  /** A cache with the same options under another namespace. */
  protected abstract child(namespace: string): Self

  /** The value while it is fresh, else `undefined`. A store in trouble is a miss. */
  async get<T>(key: Name): Promise<T | undefined> {
    const [value] = await this.getMany<T>([key])
    return value
  }

  /** As `get` for each key, in their order, with one command. */
  async getMany<T>(keys: readonly Name[]): Promise<(T | undefined)[]> {
    const storedAs = this.#entrance.keys(keys)
    if (storedAs.length === 0) return []
    const found = await this.#reader.readMany(storedAs)
    return storedAs.map((key, i) => this.#freshValue(key, found[i]) as T | undefined)
  }

  /** The value and what is known of it, fresh or stale; `undefined` if there is none. Loads nothing. */
  async getEntry<T>(key: Name): Promise<CacheEntry<T> | undefined> {
    const storedAs = this.#entrance.key(key)
    const found = await this.#reader.read(storedAs)
    if (!found) return undefined
    this.#parts.emit({ type: 'hit', key: storedAs, state: found.state })
    return entryOf(this.#parts, found) as CacheEntry<T>
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

  /**
   * The value, from `loader` if need be. A stale value within its grace is returned at once, while one
   * process loads anew.
   * @throws what `loader` throws, in all who waited for it; LoadFailedError where it ran elsewhere.
   */
  async getOrSet<T>(key: Name, loader: Loader<T>, options: EntryOptions = {}): Promise<T> {
    return (await this.getOrSetEntry(key, loader, options)).value
  }

  /** As `getOrSet`, with what is known of the value. */
  async getOrSetEntry<T>(
    key: Name,
    loader: Loader<T>,
    options: EntryOptions = {},
  ): Promise<CacheEntry<T>> {
    return this.#fetcher.fetch(this.#entrance.wanted(key, loader, options)) as Promise<
      CacheEntry<T>
    >
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
    const values = Array.from(entries, ([key, value]) => [this.#entrance.key(key), value] as const)
    const settings = this.#entrance.settings(options)
    try {
      await this.#writer.set(values, settings)
    } finally {
      for (const [key] of values) this.#fetcher.detach(key)
    }
  }

  /**
   * Removes a value and voids any load of the key; whether there was one.
   * Once it resolves, no read of the store returns the old value. @throws StoreUnavailableError
   */
  async delete(key: Name): Promise<boolean> {
    return (await this.deleteMany([key])) > 0
  }

  /** As `delete` for each key; how many there were. @throws StoreUnavailableError */
  async deleteMany(keys: readonly Name[]): Promise<number> {
    const storedAs = this.#entrance.keys(keys)
    try {
      return await this.#writer.remove(storedAs)
    } finally {
      for (const key of storedAs) this.#fetcher.detach(key)
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
    this.#parts.closing.throwIfTripped()
    const names = namePattern(pattern)
    try {
      return await this.#walker.remove(names)
    } finally {
      this.#fetcher.detachIf((key) => this.#walker.covers(names, key))
    }
  }

  /**
   * Ends the ttl of a value and voids any load of the key; whether it was fresh. The value is still
   * served as a stale one for the grace, by default the cache's. @throws StoreUnavailableError
   */
  async expire(key: Name, { grace }: Pick<EntryOptions, 'grace'> = {}): Promise<boolean> {
    const storedAs = this.#entrance.key(key)
    const { graceMs } = this.#entrance.settings(grace === undefined ? {} : { grace })
    try {
      return await this.#writer.expire(storedAs, graceMs)
    } finally {
      this.#fetcher.detach(storedAs)
    }
  }

  /**
   * `fn` with its results cached, one entry for each list of arguments.
   * @throws InvalidArgumentError for an option that makes no sense.
   */
  memoize<Args extends readonly unknown[], T>(
    fn: (...args: Args) => T | PromiseLike<T>,
    options: MemoizeOptions<Args>,
  ): Memoized<Args, T> {
    const { key: _, ...entryOptions } = options
    this.#entrance.settings(entryOptions)
    return memoize(fn, options, {
      get: (name, loader) => this.getOrSet(name, loader, entryOptions),
      reload: async (name, loader) => {
        const entry = await this.#fetcher.reload(this.#entrance.wanted(name, loader, entryOptions))
        return entry.value as T
      },
      remove: (name) => this.delete(name),
    })
  }

  /**
   * The cache of the namespace `<namespace>.<name>`, with the same options otherwise; always the same
   * one for one name. It is closed with this one.
   */
  namespace(name: string): Self {
    this.#parts.closing.throwIfTripped()
    const child =
      this.#children.get(name) ??
      this.child(`${this.#entrance.namespace}.${checkPrefix(name, 'name')}`)
    this.#children.set(name, child)
    return child
  }

  /** Counts of what happened here, since the cache was made. */
  stats(): CacheStats {
    return this.#events.read()
  }

  /**
   * Refuses new calls, rejects those who wait for a load in another process, and aborts the loaders'
   * signal: a load that fails then is left to other processes. The store stays open.
   */
  async close(): Promise<void> {
    this.#closed.abort(closed())
    this.#parts.closing.trip(closed())
    const children = Array.from(this.#children.values(), (child) => child.close())
    await Promise.all([this.#parts.signals.close(), ...children])
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #freshValue(key: string, found: Found | undefined): unknown {
    if (found?.state !== 'fresh') {
      if (found) this.#parts.emit({ type: 'miss', key })
      return undefined
    }
    this.#parts.emit({ type: 'hit', key, state: 'fresh' })
    return found.value
  }
}

const closed = () => new StoreUnavailableError('this cache is closed')
