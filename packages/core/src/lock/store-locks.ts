import type { LeaseStore } from '../contract/lease-store.ts'
import { InvalidArgumentError } from '../errors.ts'
import { checkPrefix, encodeName, type Name, storeKeyPrefix } from '../key.ts'
import { acquireAll } from './acquire-all.ts'
import { Acquisitions } from './acquisitions.ts'
import type { AdoptOptions } from './adopt.ts'
import { breakLock } from './break-lock.ts'
import { createEngine } from './create-engine.ts'
import type { LocksOptions } from './create-locks.ts'
import { type ElectOptions, elect, type TermCallback } from './elect.ts'
import type { Engine } from './engine.ts'
import { HeldLeases } from './held-leases.ts'
import type { HeldLock } from './held-lock.ts'
import { HeldSet } from './held-set.ts'
import type { RequestCallback } from './hold-during.ts'
import { inspectLock } from './inspect-lock.ts'
import type { LockGrant } from './lock-grant.ts'
import type { LockQuery } from './lock-info.ts'
import type { LockState } from './lock-state.ts'
import type { Locks, QueryOptions } from './locks.ts'
import { type AcquireOptions, checkFlag } from './options.ts'
import { queryStore } from './query-store.ts'
import { requestAll } from './request-all.ts'
import { requestLock } from './request-lock.ts'
import type { RequestOptions } from './request-options.ts'

/** The public face of the engine. */
export class StoreLocks implements Locks {
  readonly #prefix: string
  readonly #engine: Engine
  readonly #held: HeldLeases
  readonly #acquisitions: Acquisitions

  constructor(store: LeaseStore, options: LocksOptions) {
    const {
      prefix = 'locks',
      storeTimeout,
      onEvent,
      traceNames,
      clock,
      random,
      ...defaults
    } = options
    this.#prefix = checkPrefix(prefix, 'prefix')
    this.#engine = createEngine(store, prefix, options, {
      holds: (token) => this.#held.holds(token),
      fenceOf: (key) => this.#held.fenceOf(key),
      stolen: (token, thiefFence) => this.#held.stolen(token, thiefFence),
    })
    this.#held = new HeldLeases(this.#engine)
    this.#acquisitions = new Acquisitions(store, this.#engine, this.#held, prefix, defaults)
  }

  async request(name: Name, ...rest: OptionsAndCallback<RequestOptions>): Promise<never> {
    return requestLock(this.#engine, this.#acquisitions, name, ...optionsAndCallback(rest))
  }

  /** Not async: each promise on the way of a hand-off inside the process is a good part of its cost. */
  acquire(name: Name, options?: AcquireOptions): Promise<HeldLock> {
    try {
      return this.#acquisitions.acquire(this.#acquisitions.wanted(name, options))
    } catch (error) {
      return Promise.reject(error)
    }
  }

  async tryAcquire(name: Name, options?: Omit<AcquireOptions, 'wait'>): Promise<HeldLock | null> {
    return this.#acquisitions.tryAcquire(this.#acquisitions.wanted(name, options))
  }

  async acquireAll(names: readonly Name[], options: AcquireOptions = {}): Promise<HeldSet> {
    const holdings = await acquireAll(this.#engine, this.#acquisitions, names, options)
    return new HeldSet(holdings.map(({ lock }) => lock))
  }

  async requestAll(
    names: readonly Name[],
    ...rest: OptionsAndCallback<AcquireOptions>
  ): Promise<never> {
    return requestAll(this.#engine, this.#acquisitions, names, ...optionsAndCallback(rest))
  }

  elect(name: Name, options: ElectOptions, callback: TermCallback): Promise<void> {
    return elect(this.#engine, this.#acquisitions, name, options, callback)
  }

  current(name?: Name): HeldLock | undefined {
    const { context } = this.#engine
    return name === undefined ? context.current : context.named(encodeName(name))
  }

  async adopt(grant: LockGrant, options: AdoptOptions = {}): Promise<HeldLock> {
    return this.#acquisitions.adopt(grant, options)
  }

  async query(options: QueryOptions = {}): Promise<LockQuery> {
    const { store = false } = checkedQuery(options)
    if (!store) return this.#acquisitions.query()
    this.#acquisitions.assertOpen()
    return queryStore(this.#engine.leases, storeKeyPrefix(this.#prefix, 'l'))
  }

  async inspect(name: Name): Promise<LockState> {
    const place = this.#acquisitions.place(name)
    this.#acquisitions.assertOpen()
    return inspectLock(this.#engine.leases, place.name, place.key)
  }

  async break(name: Name): Promise<boolean> {
    const { key } = this.#acquisitions.place(name)
    this.#acquisitions.assertOpen()
    return breakLock(this.#engine.leases, this.#held, key)
  }

  close(): Promise<void> {
    return this.#acquisitions.close()
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}

type OptionsAndCallback<Options> =
  | readonly [callback: RequestCallback]
  | readonly [options: Options, callback: RequestCallback]

/** @throws InvalidArgumentError without a callback. */
function optionsAndCallback<Options extends AcquireOptions>(
  given: OptionsAndCallback<Options>,
): [Options | Record<string, never>, RequestCallback] {
  const [options, callback] = typeof given[0] === 'function' ? [{}, given[0]] : given
  if (typeof callback !== 'function') throw new InvalidArgumentError('callback must be a function')
  return [options as Options, callback]
}

/** @throws InvalidArgumentError unless these can be options of a query. */
function checkedQuery(options: QueryOptions): QueryOptions {
  if (typeof options !== 'object' || options === null) {
    throw new InvalidArgumentError('options must be an object')
  }
  checkFlag(options.store, 'store')
  return options
}
