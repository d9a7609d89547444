import type { LeaseStore } from '../contract/lease-store.ts'
import { InvalidArgumentError } from '../errors.ts'
import { checkPrefix, type Name } from '../key.ts'
import { Acquisitions } from './acquisitions.ts'
import { createEngine } from './create-engine.ts'
import type { LocksOptions } from './create-locks.ts'
import type { Engine } from './engine.ts'
import type { HeldLock } from './held-lock.ts'
import { holdDuring, type RequestCallback } from './hold-during.ts'
import type { Locks, RequestOptions } from './locks.ts'
import { type AcquireOptions, checkOptions } from './options.ts'

/** The public face of the engine. */
export class StoreLocks implements Locks {
  readonly #engine: Engine
  readonly #acquisitions: Acquisitions

  constructor(store: LeaseStore, options: LocksOptions) {
    const { prefix = 'locks', storeTimeout, onEvent, clock, random, ...defaults } = options
    checkPrefix(prefix, 'prefix')
    const holds = (token: string) => this.#acquisitions.holds(token)
    this.#engine = createEngine(store, prefix, options, holds)
    this.#acquisitions = new Acquisitions(store, this.#engine, prefix, defaults)
  }

  async request(
    name: Name,
    optionsOrCallback: RequestOptions | RequestCallback,
    maybeCallback?: RequestCallback,
  ): Promise<never> {
    const [options, callback] =
      typeof optionsOrCallback === 'function'
        ? [{}, optionsOrCallback]
        : [optionsOrCallback, maybeCallback]
    if (typeof callback !== 'function')
      throw new InvalidArgumentError('callback must be a function')
    checkOptions(options)
    const { ifAvailable = false, ...acquireOptions } = options
    const lock = await (ifAvailable
      ? this.tryAcquire(name, acquireOptions)
      : this.acquire(name, acquireOptions))
    return lock ? holdDuring(this.#engine, lock, callback) : callback(null as never)
  }

  async acquire(name: Name, options: AcquireOptions = {}): Promise<HeldLock> {
    return this.#acquisitions.acquire(this.#acquisitions.wanted(name, options))
  }

  async tryAcquire(
    name: Name,
    options: Omit<AcquireOptions, 'wait'> = {},
  ): Promise<HeldLock | null> {
    return this.#acquisitions.tryAcquire(this.#acquisitions.wanted(name, options))
  }

  close(): Promise<void> {
    return this.#acquisitions.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
