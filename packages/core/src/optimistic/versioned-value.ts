import type { CompareAndSetRequest, StoredEntry } from '../contract/cache-store.ts'
import { type Duration, toMs } from '../duration.ts'
import { ConflictError, InvalidArgumentError } from '../errors.ts'
import type { Random } from '../random.ts'
import type { CasOptions, OptimisticValue } from './optimistic-value.ts'
import type { ValueCodec } from './value-codec.ts'
import type { VersionedEntry } from './versioned-entry.ts'

export interface OptimisticSettings extends Required<CasOptions> {
  readonly name: string
  readonly absentIsVersion: boolean
  readonly codec: ValueCodec
}

const YEAR_MS = 365 * 86_400_000

/** The version that the next `cas` replaces, and what we may have put in its place unheard. */
export class VersionedValue<T> implements OptimisticValue<T> {
  readonly name: string
  readonly #entry: VersionedEntry
  readonly #random: Random
  readonly #settings: OptimisticSettings
  #value: T | undefined
  /** What must be in the store for the next `cas`; `undefined` = nothing. */
  #version: string | undefined
  /** Versions that we sent and that were not answered: each may be there, or still arrive. */
  readonly #unanswered = new Set<string>()
  #last: Promise<unknown> = Promise.resolve()

  private constructor(
    entry: VersionedEntry,
    random: Random,
    settings: OptimisticSettings,
    stored: StoredEntry | undefined,
    value: T | undefined,
  ) {
    this.name = settings.name
    this.#entry = entry
    this.#random = random
    this.#settings = settings
    this.#version = stored?.version
    this.#value = value
  }

  static async open<T>(
    entry: VersionedEntry,
    random: Random,
    settings: OptimisticSettings,
  ): Promise<VersionedValue<T>> {
    toTtlMs(settings.ttl)
    const stored = await entry.read()
    const value = stored && ((await settings.codec.decode(stored.data)) as T | undefined)
    return new VersionedValue<T>(entry, random, settings, stored, value)
  }

  get value(): T | undefined {
    return this.#value
  }

  async cas(next: T, options: CasOptions = {}): Promise<true> {
    if (typeof options !== 'object' || options === null) {
      throw new InvalidArgumentError("options must be an object such as { ttl: '1m' }")
    }
    const ttlMs = toTtlMs(options.ttl ?? this.#settings.ttl)
    // In the caller's turn: what he changes later has no part in it.
    const encoded = await this.#settings.codec.encode(next, ttlMs)
    const turn = this.#last.then(() => this.#replace({ token: this.#random.token(), ...encoded }))
    this.#last = turn.catch(() => {})
    await turn
    return true
  }

  async #replace(change: Pick<CompareAndSetRequest, 'token' | 'data' | 'ttlMs'>): Promise<void> {
    this.#unanswered.add(change.token)
    if (this.#version === undefined && !this.#settings.absentIsVersion) {
      await this.#entry.write(change)
    } else {
      await this.#compareAndSet(change)
    }
    this.#unanswered.clear()
    this.#version = change.token
    this.#value = (await this.#settings.codec.decode(change.data)) as T
  }

  async #compareAndSet(
    change: Pick<CompareAndSetRequest, 'token' | 'data' | 'ttlMs'>,
  ): Promise<void> {
    const reply = await this.#entry.compareAndSet(change, this.#version)
    if (reply.state === 'written') return
    const { version } = reply
    if (version === undefined || !this.#unanswered.has(version)) throw changed(this.name)
    // What stands in the way is our own, of which we had not heard.
    this.#version = version
    const again = await this.#entry.compareAndSet(change, version)
    if (again.state === 'conflict') throw changed(this.name)
  }
}

const toTtlMs = (ttl: Duration) => toMs(ttl, 'ttl', 1, YEAR_MS)

const changed = (name: string) =>
  new ConflictError(`somebody else has set ${name} since it was read`)
