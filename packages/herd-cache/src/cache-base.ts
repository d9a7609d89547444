import {
  InvalidArgumentError,
  type Name,
  type OptimisticValue,
  StoreUnavailableError,
} from '@locks/core'
import { checkPrefix } from '@locks/core/parts'
import type { CacheEntry } from './cache-entry.ts'
import { createMachine } from './cache-machine.ts'
import type { CacheOptions } from './cache-options.ts'
import type { Waiting } from './create-parts.ts'
import { EntryCache } from './entry-cache.ts'
import type { EntryOptions } from './entry-options.ts'
import type { CacheStats } from './event-counter.ts'
import { type BatchLoader, LoadBatch } from './load-batch.ts'
import { type LoadLease, openLease } from './load-lease.ts'
import type { CallOptions } from './load-options.ts'
import type { Loader } from './loader.ts'
import { type Memoized, type MemoizeOptions, memoize } from './memoize.ts'
import { memoizedOptions } from './memoized-options.ts'
import { openOptimistic } from './open-optimistic.ts'
import { type MemoizedIter, memoizeIter, type Stream } from './stream/memoize-iter.ts'

/** What `Cache` and `HerdCache` have in common: everything but how long a load elsewhere is waited for. */
export abstract class CacheBase<Self extends CacheBase<Self>>
  extends EntryCache
  implements AsyncDisposable
{
  readonly #children = new Map<string, Self>()

  protected constructor(options: CacheOptions, waiting: Waiting) {
    super(createMachine(options, waiting))
  }

  /** A cache with the same options under another namespace. */
  protected abstract child(namespace: string): Self

  /**
   * The value, from `loader` if need be. A stale value within its grace is returned at once, while one
   * process loads anew.
   * @throws what `loader` throws, in all who waited for it; LoadFailedError where it ran elsewhere;
   *   LoadTimeoutError; LoadRecursionError; the reason of `signal`.
   */
  getOrSet<T>(key: Name, loader: Loader<T>, options: CallOptions = {}): Promise<T> {
    const near = this.machine.near?.cache.get(key) as Promise<T> | undefined
    return near ?? this.#getOrSetFar(key, loader, options)
  }

  /** As `getOrSet`, with what is known of the value. */
  async getOrSetEntry<T>(
    key: Name,
    loader: Loader<T>,
    options: CallOptions = {},
  ): Promise<CacheEntry<T>> {
    return (await this.#fetched(key, loader, options)) as CacheEntry<T>
  }

  /**
   * As `getOrSet` for each key, with one read for all, and one loader for all that this process is to
   * load: an outcome per key, in their order, as of `Promise.allSettled`. The loader may be called again
   * for a key whose load elsewhere came to nothing.
   */
  async getOrSetMany<T>(
    keys: readonly Name[],
    loader: BatchLoader<T>,
    options: CallOptions = {},
  ): Promise<PromiseSettledResult<T>[]> {
    const { entrance, fetcher, parts } = this.machine
    entrance.keys(keys)
    if (typeof loader !== 'function') throw new InvalidArgumentError('loader must be a function')
    const batch = new LoadBatch(loader, parts)
    const settings = entrance.settings(options)
    const wanted = keys.map((name) => {
      const key = entrance.key(name)
      const load = (signal: AbortSignal) => batch.load(key, name, signal)
      return { key, settings, load }
    })
    return entrance.during(options, (caller) => {
      const entries = fetcher.fetchMany(wanted, caller)
      return Promise.allSettled(entries.map(async (entry) => (await entry).value as T))
    })
  }

  /**
   * A load in the caller's own hands: whoever is elected makes the value and commits it, the others are
   * not kept waiting. The lease is renewed until `commit`, `fail` or the end of the cache: `await using`.
   */
  async lease<T>(key: Name, options: EntryOptions = {}): Promise<LoadLease<T>> {
    const { entrance } = this.machine
    return openLease<T>(this.machine, {
      key: entrance.key(key),
      settings: entrance.settings(options),
    })
  }

  /**
   * The value as it is now, to be replaced while nobody else has: `set`, `delete`, a load or another
   * `cas` make it a conflict. A value that is not fresh is `undefined`.
   * @throws StoreUnavailableError
   */
  async optimistic<T>(key: Name, options: EntryOptions = {}): Promise<OptimisticValue<T>> {
    return openOptimistic<T>(this.machine, key, options)
  }

  /**
   * `fn` with its results cached, one entry for each list of arguments.
   * @throws InvalidArgumentError for an option that makes no sense.
   */
  memoize<Args extends readonly unknown[], T>(
    fn: (...args: Args) => T | PromiseLike<T>,
    options: MemoizeOptions<Args>,
  ): Memoized<Args, T> {
    const { entrance, fetcher } = this.machine
    return memoize(fn, options, {
      optionsOf: memoizedOptions(entrance, options),
      get: (name, loader, entryOptions) => this.getOrSet(name, loader, entryOptions),
      reload: async (name, loader, entryOptions) => {
        const entry = await fetcher.reload(entrance.wanted(name, loader, entryOptions))
        return entry.value as T
      },
      remove: (name) => this.delete(name),
    })
  }

  /**
   * `fn` with its streams cached, one entry for each list of arguments. Readers of a stream get all of it
   * or an error, and never more of it into memory than a few chunks. Who is elected to load reads the
   * loader itself, at his own pace; the others wait for the whole, or for as long as for other loads. A
   * reader who leaves early leaves the load to others. To `get` a stream is no value.
   * @throws InvalidArgumentError for an option that makes no sense.
   */
  memoizeIter<Args extends readonly unknown[], T>(
    fn: (...args: Args) => Stream<T>,
    options: MemoizeOptions<Args>,
  ): MemoizedIter<Args, T> {
    return memoizeIter(this.machine, fn, options, (name) => this.delete(name))
  }

  /**
   * The cache of the namespace `<namespace>.<name>`, with the same options otherwise; always the same
   * one for one name. It is closed with this one.
   */
  namespace(name: string): Self {
    this.machine.parts.closing.throwIfTripped()
    const child =
      this.#children.get(name) ??
      this.child(`${this.machine.entrance.namespace}.${checkPrefix(name, 'name')}`)
    this.#children.set(name, child)
    return child
  }

  /** Counts of what happened here, since the cache was made. */
  stats(): CacheStats {
    const { events, near } = this.machine
    return { ...events.read(), l1Hits: near?.cache.hits ?? 0 }
  }

  /**
   * Refuses new calls, rejects those who wait for a load in another process, and aborts the loaders'
   * signal: a load that fails then is left to other processes. The store stays open.
   */
  async close(): Promise<void> {
    this.machine.end(new StoreUnavailableError('this cache is closed'))
    const children = Array.from(this.#children.values(), (child) => child.close())
    const { near, parts } = this.machine
    await Promise.all([parts.signals.close(), near?.close(), ...children])
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #getOrSetFar<T>(key: Name, loader: Loader<T>, options: CallOptions): Promise<T> {
    return (await this.#fetched(key, loader, options)).value as T
  }

  /** @throws InvalidArgumentError and LoadRecursionError at once. */
  #fetched(key: Name, loader: Loader<unknown>, options: CallOptions): Promise<CacheEntry<unknown>> {
    const { entrance, fetcher } = this.machine
    const wanted = entrance.wanted(key, loader, options)
    return entrance.during(options, (caller) => fetcher.fetch(wanted, caller))
  }
}
