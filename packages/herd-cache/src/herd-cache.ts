import {
  type CacheStore,
  type Clock,
  type Duration,
  InvalidArgumentError,
  type Name,
  type Random,
  StoreUnavailableError,
  systemClock,
  systemRandom,
} from '@locks/core'
import { checkPrefix, guarded, Interrupt, storeKeyPrefix, toMs } from '@locks/core/parts'
import { CacheClient } from './cache-client.ts'
import type { CacheListener } from './cache-event.ts'
import type { CacheParts, Job } from './cache-parts.ts'
import { type CachedValue, readValue } from './cached-value.ts'
import { type EntryOptions, resolveEntryOptions } from './entry-options.ts'
import { loadMissing, refreshStale } from './load.ts'
import { LoadPace } from './load-pace.ts'
import { LoadSignals } from './load-signals.ts'
import type { Loader } from './loader.ts'
import { chooseIdentity } from './pipeline/choose-identity.ts'
import { createPipeline } from './pipeline/create-pipeline.ts'
import type { IdentityGenerator } from './pipeline/identity-generator.ts'
import type { Packed } from './pipeline/pipeline.ts'
import type { PipelineOptions } from './pipeline/pipeline-options.ts'
import { SingleFlight } from './single-flight.ts'

export interface HerdCacheOptions extends EntryOptions, PipelineOptions {
  readonly store: CacheStore
  /** Begins every key. Caches with one namespace on one store are one cache. */
  readonly namespace: string
  /** How long a crashed loader is waited for; renewed while a loader runs. Default 5 s. */
  readonly lease?: Duration
  /** How long a load in another process is waited for, before this one loads too. Default 30 s. */
  readonly waitTimeout?: Duration
  /** How long one store call may take; a read is then a miss. Default 250 ms. */
  readonly storeTimeout?: Duration
  /** Told of every hit, miss, load and failure. */
  readonly onEvent?: CacheListener
  /** For tests: time and chance from elsewhere. */
  readonly clock?: Clock
  readonly random?: Random
}

/** A value as found in the store. */
type Found = CachedValue & { readonly state: 'fresh' | 'stale' }

/**
 * A cache that a herd cannot get through: one load per key at a time across all processes on the store,
 * and a slow load never overwrites a delete or a newer value.
 *
 * @throws InvalidArgumentError for a wrong option, key or time, before anything is sent.
 */
export class HerdCache implements AsyncDisposable {
  readonly #parts: CacheParts
  readonly #namespace: string
  readonly #identity: IdentityGenerator
  readonly #defaults: EntryOptions
  /** Reads and loads that callers wait for. */
  readonly #flights = new SingleFlight()
  /** Loads behind a stale value that callers already have. */
  readonly #refreshes = new SingleFlight()
  readonly #closed = new AbortController()

  constructor(options: HerdCacheOptions) {
    const { namespace, ttl, grace } = options
    this.#namespace = checkPrefix(namespace, 'namespace')
    this.#identity = chooseIdentity(options)
    this.#defaults = { ...(ttl !== undefined && { ttl }), ...(grace !== undefined && { grace }) }
    resolveEntryOptions({}, this.#defaults)
    this.#parts = createParts(options, this.#closed.signal)
  }

  /** The value while it is fresh, else `undefined`. A store in trouble is a miss. */
  async get<T>(key: Name): Promise<T | undefined> {
    const storedAs = this.#enter(key)
    const found = await this.#read(storedAs)
    if (found?.state !== 'fresh') {
      if (found) this.#parts.emit({ type: 'miss', key: storedAs })
      return undefined
    }
    this.#parts.emit({ type: 'hit', key: storedAs, state: 'fresh' })
    return found.value as T
  }

  /**
   * The value, from `loader` if need be. A stale value within its grace is returned at once, while one
   * process loads anew.
   * @throws what `loader` throws, in all who waited for it; LoadFailedError where it ran elsewhere.
   */
  async getOrSet<T>(key: Name, loader: Loader<T>, options: EntryOptions = {}): Promise<T> {
    const storedAs = this.#enter(key)
    if (typeof loader !== 'function') throw new InvalidArgumentError('loader must be a function')
    const context = { key, signal: this.#closed.signal }
    const job = {
      ...resolveEntryOptions(options, this.#defaults),
      key: storedAs,
      load: async () => loader(context),
    }
    return this.#flights.run(storedAs, (detach) => this.#fetch({ ...job, detach })) as Promise<T>
  }

  /** Stores a value and voids any load of the key. @throws StoreUnavailableError */
  async set(key: Name, value: unknown, options: EntryOptions = {}): Promise<void> {
    const storedAs = this.#enter(key)
    const settings = resolveEntryOptions(options, this.#defaults)
    const { client, pipeline, random } = this.#parts
    const packed = await this.#pack(storedAs, value)
    await client.learnTime(storedAs)
    const data = pipeline.stamp(packed, {
      softExpiresAtMs: client.now() + settings.ttlMs,
      loadStartedAtMs: client.now(),
      loadMs: 0,
    })
    const ttlMs = settings.ttlMs + settings.graceMs
    try {
      await client.write({ key: storedAs, token: random.token(), data, ttlMs })
    } finally {
      this.#detach(storedAs)
    }
  }

  /**
   * Removes a value and voids any load of the key; whether there was one.
   * Once it resolves, no read of the store returns the old value. @throws StoreUnavailableError
   */
  async delete(key: Name): Promise<boolean> {
    const storedAs = this.#enter(key)
    try {
      return await this.#parts.client.remove(storedAs)
    } finally {
      this.#detach(storedAs)
    }
  }

  /**
   * Refuses new calls, rejects those who wait for a load in another process, and aborts the loaders'
   * signal: a load that fails then is left to other processes. The store stays open.
   */
  async close(): Promise<void> {
    this.#closed.abort(closed())
    this.#parts.closing.trip(closed())
    await this.#parts.signals.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #enter(key: Name): string {
    const storedAs = this.#identity.identify(this.#namespace, key)
    this.#parts.closing.throwIfTripped()
    return storedAs
  }

  /** @throws InvalidArgumentError for a value that has no stored form. */
  async #pack(key: string, value: unknown): Promise<Packed> {
    const { pipeline } = this.#parts
    try {
      return await pipeline.pack(key, pipeline.serialize(value))
    } catch {
      throw new InvalidArgumentError('the value cannot be serialized, compressed or encrypted')
    }
  }

  async #fetch(job: Job): Promise<unknown> {
    const { key } = job
    const found = await this.#read(key)
    if (!found) return loadMissing(this.#parts, job)
    this.#parts.emit({ type: 'hit', key, state: found.state })
    if (found.state === 'stale') {
      const refresh = (detach: () => void) => refreshStale(this.#parts, { ...job, detach }, found)
      void this.#refreshes.run(key, refresh)
    }
    return found.value
  }

  /** Tells why when there is nothing; a hit is told by who makes one of it. */
  async #read(key: string): Promise<Found | undefined> {
    const { client, emit } = this.#parts
    try {
      const entry = await client.read(key)
      if (!entry) emit({ type: 'miss', key })
      const cached = entry && (await readValue(this.#parts, key, entry))
      if (cached) {
        // Without an answer the machine's own clock must do.
        if (this.#stateOf(cached) === 'stale') await client.learnTime(key).catch(() => {})
        return { ...cached, state: this.#stateOf(cached) }
      }
      return undefined
    } catch (error) {
      emit({ type: 'store-error', key, error: error as Error })
      return undefined
    }
  }

  #stateOf(cached: CachedValue): Found['state'] {
    return this.#parts.client.now() < cached.softExpiresAtMs ? 'fresh' : 'stale'
  }

  /** Whoever asks from now on must not get what was read or loaded before. */
  #detach(key: string): void {
    this.#flights.detach(key)
    this.#refreshes.detach(key)
  }
}

function createParts(options: HerdCacheOptions, closed: AbortSignal): CacheParts {
  const { clock = systemClock, random = systemRandom, onEvent } = options
  const { namespace, store, storeTimeout = '250ms', lease = '5s', waitTimeout = '30s' } = options
  return {
    client: new CacheClient(store, clock, toMs(storeTimeout, 'storeTimeout')),
    clock,
    random,
    emit: guarded(onEvent),
    pace: new LoadPace(),
    pipeline: createPipeline(options),
    signals: new LoadSignals(store, clock, storeKeyPrefix(namespace, 'c')),
    leaseMs: toMs(lease, 'lease', 100),
    waitMs: toMs(waitTimeout, 'waitTimeout'),
    closing: new Interrupt(),
    closed,
  }
}

const closed = () => new StoreUnavailableError('this cache is closed')
