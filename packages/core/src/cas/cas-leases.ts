import type { CasEntry, CasStore } from '../contract/cas-store.ts'
import { ConflictError } from '../errors.ts'
import { KnownVersions } from './known-versions.ts'
import { decodeLease, encodeLease, type LeaseValue } from './lease-value.ts'

interface Found<Version> extends LeaseValue, Pick<CasEntry<Version>, 'remainingMs'> {
  readonly version: Version
}

/** Leases as values of a CAS store. Each method is one step of the store. */
export class CasLeases<Version> {
  readonly #cas: CasStore<Version>
  readonly #known = new KnownVersions<Version>()

  constructor(cas: CasStore<Version>) {
    this.#cas = cas
  }

  /** @throws ConflictError for data that is not a lease. */
  async find(key: string): Promise<Found<Version> | undefined> {
    const entry = await this.#cas.get(key)
    if (!entry) return undefined
    const lease = decodeLease(entry.value)
    if (!lease) throw new ConflictError(`the key ${key} holds data that is not a lease`)
    const { version, remainingMs } = entry
    const { token, ttlMs } = lease
    return remainingMs === undefined
      ? { version, token, ttlMs }
      : { version, token, ttlMs, remainingMs }
  }

  /** Whether there was none, and now there is this one. */
  async add(key: string, lease: LeaseValue): Promise<boolean> {
    const { token, ttlMs } = lease
    const added = await this.#cas.add({ key, value: encodeLease(lease), ttlMs })
    if (added) this.#known.learn(token, added.version)
    return added !== undefined
  }

  /** Whether the lease with this version, and no other, is now `lease`. */
  async replace(key: string, version: Version, lease: LeaseValue): Promise<boolean> {
    const { token, ttlMs } = lease
    const swap = { key, version, value: encodeLease(lease), ttlMs }
    const stored = await this.#cas.compareAndSet(swap)
    this.#known.learn(token, stored?.version)
    return stored !== undefined
  }

  /** The version that this process has written for `token`, for one use; `undefined` = it knows none. */
  takeKnown(token: string): Version | undefined {
    return this.#known.take(token)
  }

  /** Whether the lease with this version, and no other, was removed. */
  remove(key: string, version: Version): Promise<boolean> {
    return this.#cas.compareAndDelete(key, version)
  }
}
