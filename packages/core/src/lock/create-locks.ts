import { type Clock, systemClock } from '../clock.ts'
import type { LeaseStore, PushedGrant } from '../contract/lease-store.ts'
import { withDeadline } from '../deadline.ts'
import { type Duration, toMs } from '../duration.ts'
import { InvalidArgumentError, StoreUnavailableError } from '../errors.ts'
import { guarded } from '../guarded.ts'
import { AbortHub, Interrupt } from '../interrupt.ts'
import { checkPrefix, encodeName, type Name, storeKey } from '../key.ts'
import { type Random, systemRandom } from '../random.ts'
import { acquireWithin } from './acquire.ts'
import { attempt, type Busy, type Wanted } from './attempt.ts'
import { checkSupport } from './check-support.ts'
import type { Engine } from './engine.ts'
import { GrantInbox } from './grant-inbox.ts'
import { type Grant, HeldLock } from './held-lock.ts'
import { holdDuring, type RequestCallback } from './hold-during.ts'
import { LeaseClient } from './lease-client.ts'
import type { LockListener } from './lock-event.ts'
import type { Locks, RequestOptions } from './locks.ts'
import {
  type AcquireDefaults,
  type AcquireOptions,
  checkDefaults,
  checkOptions,
  resolveOptions,
} from './options.ts'
import { Undo } from './undo.ts'

export interface LocksOptions extends AcquireDefaults {
  /** Begins every key. Services that share a store and must not share names differ in it. Default `locks`. */
  readonly prefix?: string
  /** How long one store call may take before its outcome counts as unknown. Default 2 s. */
  readonly storeTimeout?: Duration
  /** Told of every acquisition, renewal, release and loss. */
  readonly onEvent?: LockListener
  /** For tests: time and chance from elsewhere. */
  readonly clock?: Clock
  readonly random?: Random
}

/**
 * Locks on a store.
 * @throws InvalidArgumentError for a wrong option.
 */
export function createLocks(store: LeaseStore, options: LocksOptions = {}): Locks {
  checkDefaults(options)
  if (options.onEvent !== undefined && typeof options.onEvent !== 'function') {
    throw new InvalidArgumentError('onEvent must be a function')
  }
  return new StoreLocks(store, options)
}

class StoreLocks implements Locks {
  readonly #store: LeaseStore
  readonly #engine: Engine
  readonly #defaults: AcquireDefaults
  readonly #prefix: string
  readonly #aborts = new AbortHub()
  /** Acquisitions that have not settled, each with what ends it early. */
  readonly #acquiring = new Map<Interrupt, Promise<unknown>>()
  readonly #held = new Set<HeldLock>()
  #closing: Promise<void> | undefined

  constructor(store: LeaseStore, options: LocksOptions) {
    const { prefix = 'locks', storeTimeout = '2s', onEvent, clock, random, ...defaults } = options
    this.#prefix = checkPrefix(prefix, 'prefix')
    this.#store = store
    this.#defaults = defaults
    resolveOptions({}, defaults)
    this.#engine = createEngine(store, toMs(storeTimeout, 'storeTimeout'), options, (token) =>
      [...this.#held].some((lock) => lock.token === token),
    )
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
    const lock = await this.#enter(name, options, acquireWithin)
    if (!lock) throw new Error('an acquire ends with a lock or an error')
    return lock
  }

  tryAcquire(name: Name, options: Omit<AcquireOptions, 'wait'> = {}): Promise<HeldLock | null> {
    return this.#enter(name, options, attempt)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #enter(
    name: Name,
    options: AcquireOptions,
    acquire: (engine: Engine, wanted: Wanted, interrupt: Interrupt) => Promise<Grant | Busy>,
  ): Promise<HeldLock | null> {
    const encoded = encodeName(name)
    const settings = resolveOptions(options, this.#defaults)
    checkSupport(this.#store, settings)
    if (this.#closing) throw closed()
    const interrupt = new Interrupt()
    const disconnect = settings.signal && this.#aborts.connect(settings.signal, interrupt)
    const key = storeKey(this.#prefix, 'l', encoded)
    const startedAtMs = this.#engine.clock.now()
    const acquiring = acquire(this.#engine, { ...settings, name: encoded, key }, interrupt)
    this.#acquiring.set(interrupt, acquiring)
    try {
      const outcome = await acquiring
      return 'token' in outcome ? this.#hold(outcome, startedAtMs) : null
    } finally {
      disconnect?.()
      this.#acquiring.delete(interrupt)
    }
  }

  #hold(grant: Grant, startedAtMs: number): HeldLock {
    const lock = new HeldLock(this.#engine, grant, (ended) => this.#held.delete(ended))
    if (this.#closing) {
      // Granted in the turn in which the locks were closed: nobody will ever release it.
      lock.abandon('closed')
      throw closed()
    }
    this.#held.add(lock)
    const waitedMs = this.#engine.clock.now() - startedAtMs
    this.#engine.emit({ type: 'acquired', name: grant.name, waitedMs, fence: grant.fence })
    return lock
  }

  async #close(): Promise<void> {
    for (const interrupt of this.#acquiring.keys()) interrupt.trip(closed())
    await Promise.allSettled(this.#acquiring.values())
    for (const lock of this.#held) lock.abandon('closed')
    const { clock, inbox, leases, undo } = this.#engine
    await withDeadline(clock, leases.deadlineMs, undo.answered()).catch(() => {})
    // What cannot be closed in time is left to the store.
    await withDeadline(clock, leases.deadlineMs, inbox.close()).catch(() => {})
  }
}

function createEngine(
  store: LeaseStore,
  storeTimeoutMs: number,
  options: LocksOptions,
  holds: (token: string) => boolean,
): Engine {
  const { clock = systemClock, random = systemRandom, prefix = 'locks', onEvent } = options
  const leases = new LeaseClient(store, clock, storeTimeoutMs)
  const undo = new Undo(leases, clock, random)
  // Its waiter has gone: without this its lease would stand in everybody's way until it ends.
  // One that comes again, or behind the reply that granted the same, is the lease of a holder.
  const giveBack = ({ key, token, remainingMs }: PushedGrant) => {
    if (!holds(token)) undo.start({ key, token, ttlMs: remainingMs })
  }
  const inbox = new GrantInbox(store, clock, random, prefix, giveBack)
  return { leases, undo, inbox, clock, random, emit: guarded(onEvent) }
}

const closed = () => new StoreUnavailableError('these locks are closed')
