import type { LeaseStore } from '../contract/lease-store.ts'
import { encodeName, type Name, storeKey } from '../key.ts'
import type { AdoptOptions } from './adopt.ts'
import type { Wanted } from './attempt.ts'
import { checkSupport } from './check-support.ts'
import { checkGrant, type LockGrant } from './lock-grant.ts'
import {
  type AcquireDefaults,
  type AcquireOptions,
  type AcquireSettings,
  checkOptions,
  resolveOptions,
} from './options.ts'

/** Makes of names and options what is wanted of one store, or refuses before anything is sent. */
export class Wants {
  readonly #store: LeaseStore
  readonly #prefix: string
  readonly #defaults: AcquireDefaults
  /** Of whoever asks without options. */
  readonly #usual: AcquireSettings
  /** What was asked for last without options: nearly always it is asked for again. */
  #last: { readonly name: string; readonly wanted: Wanted } | undefined

  constructor(store: LeaseStore, prefix: string, defaults: AcquireDefaults) {
    this.#store = store
    this.#prefix = prefix
    this.#defaults = defaults
    this.#usual = resolveOptions({}, defaults)
  }

  /** @throws InvalidArgumentError, UnsupportedError */
  of(name: Name, options?: AcquireOptions): Wanted {
    if (options !== undefined || typeof name !== 'string') return this.#resolve(name, options)
    if (this.#last?.name !== name) this.#last = { name, wanted: this.#resolve(name) }
    return this.#last.wanted
  }

  /** What a name is here and in the store. @throws InvalidArgumentError */
  place(name: Name): { readonly name: string; readonly key: string } {
    const encoded = encodeName(name)
    return { name: encoded, key: storeKey(this.#prefix, 'l', encoded) }
  }

  /** A lock that was handed over, with its own ttl unless another is wanted. @throws InvalidArgumentError */
  toAdopt(grant: LockGrant, options: AdoptOptions): Wanted {
    checkGrant(grant)
    checkOptions(options)
    const { name, mode, units, capacity, ttlMs } = grant
    const ttl = options.ttl === undefined ? ttlMs : options.ttl
    const settings = resolveOptions({ ...options, ttl }, this.#defaults)
    const key = storeKey(this.#prefix, 'l', name)
    return { ...settings, name, key, mode, units, capacity, fences: 1 }
  }

  #resolve(name: Name, options?: AcquireOptions): Wanted {
    const place = this.place(name)
    const settings = options === undefined ? this.#usual : resolveOptions(options, this.#defaults)
    checkSupport(this.#store, settings)
    // By name: V8's ways for spreads are slow.
    return {
      name: place.name,
      key: place.key,
      ttlMs: settings.ttlMs,
      graceMs: settings.graceMs,
      renew: settings.renew,
      waitMs: settings.waitMs,
      signal: settings.signal,
      mode: settings.mode,
      units: settings.units,
      capacity: settings.capacity,
      maxHoldMs: settings.maxHoldMs,
      steal: settings.steal,
      fair: settings.fair,
      fences: 1,
    }
  }
}
