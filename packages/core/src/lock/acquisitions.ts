import type { LeaseStore } from '../contract/lease-store.ts'
import { withDeadline } from '../deadline.ts'
import { StoreUnavailableError } from '../errors.ts'
import { AbortHub, Interrupt } from '../interrupt.ts'
import { encodeName, type Name, storeKey } from '../key.ts'
import { acquireWithin } from './acquire.ts'
import { attempt, type Busy, type Wanted } from './attempt.ts'
import { checkSupport } from './check-support.ts'
import type { Engine } from './engine.ts'
import type { Grant } from './grant.ts'
import { HeldLock } from './held-lock.ts'
import { Lease } from './lease.ts'
import { type AcquireDefaults, type AcquireOptions, resolveOptions } from './options.ts'
import { selfWaitOf } from './self-wait.ts'

type Acquire = (engine: Engine, wanted: Wanted, interrupt: Interrupt) => Promise<Grant | Busy>

/** Whatever one `Locks` is acquiring and holding: each acquisition passes here, and its end too. */
export class Acquisitions {
  readonly #store: LeaseStore
  readonly #engine: Engine
  readonly #prefix: string
  readonly #defaults: AcquireDefaults
  readonly #aborts = new AbortHub()
  /** Acquisitions that have not settled, each with what ends it early. */
  readonly #acquiring = new Map<Interrupt, Promise<unknown>>()
  readonly #held = new Set<Lease>()
  #closing: Promise<void> | undefined

  constructor(store: LeaseStore, engine: Engine, prefix: string, defaults: AcquireDefaults) {
    this.#store = store
    this.#engine = engine
    this.#prefix = prefix
    this.#defaults = defaults
    resolveOptions({}, defaults)
  }

  holds(token: string): boolean {
    return [...this.#held].some((lease) => lease.grant.token === token)
  }

  /** What a caller asks for. @throws InvalidArgumentError, UnsupportedError */
  wanted(name: Name, options: AcquireOptions): Wanted {
    const encoded = encodeName(name)
    const settings = resolveOptions(options, this.#defaults)
    checkSupport(this.#store, settings)
    return { ...settings, name: encoded, key: storeKey(this.#prefix, 'l', encoded) }
  }

  /** @throws LockTimeoutError; StoreUnavailableError; ConflictError; the reason of `interrupt`. */
  async acquire(asked: Wanted, interrupt?: Interrupt): Promise<HeldLock> {
    const { name } = asked
    const selfHeld = this.#engine.context.holds(name)
    const wanted = selfHeld ? { ...asked, onSelfWait: selfWaitOf(name) } : asked
    const lock = await this.#enter(wanted, acquireWithin, interrupt)
    if (!lock) throw new Error('an acquire ends with a lock or an error')
    return lock
  }

  /** One try; `null` = held by somebody. */
  tryAcquire(wanted: Wanted): Promise<HeldLock | null> {
    return this.#enter(wanted, attempt)
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** Trips `interrupt` when `signal` aborts. @returns how to stop that. */
  interruptOn(signal: AbortSignal | undefined, interrupt: Interrupt): () => void {
    return signal ? this.#aborts.connect(signal, interrupt) : () => {}
  }

  async #enter(
    wanted: Wanted,
    acquire: Acquire,
    interrupt = new Interrupt(),
  ): Promise<HeldLock | null> {
    if (this.#closing) throw closed()
    const disconnect = this.interruptOn(wanted.signal, interrupt)
    const startedAtMs = this.#engine.clock.now()
    const acquiring = acquire(this.#engine, wanted, interrupt)
    this.#acquiring.set(interrupt, acquiring)
    try {
      const outcome = await acquiring
      return 'token' in outcome ? this.#hold(outcome, startedAtMs) : null
    } finally {
      disconnect()
      this.#acquiring.delete(interrupt)
    }
  }

  #hold(grant: Grant, startedAtMs: number): HeldLock {
    const lease = new Lease(this.#engine, grant, (ended) => this.#held.delete(ended))
    if (this.#closing) {
      // Granted in the turn in which the locks were closed: nobody will ever release it.
      lease.abandon('closed')
      throw closed()
    }
    this.#held.add(lease)
    const waitedMs = this.#engine.clock.now() - startedAtMs
    this.#engine.emit({ type: 'acquired', name: grant.name, waitedMs, fence: grant.fence })
    return new HeldLock(this.#engine, lease)
  }

  async #close(): Promise<void> {
    for (const interrupt of this.#acquiring.keys()) interrupt.trip(closed())
    await Promise.allSettled(this.#acquiring.values())
    for (const lease of this.#held) lease.abandon('closed')
    const { clock, inbox, leases, undo } = this.#engine
    await withDeadline(clock, leases.deadlineMs, undo.answered()).catch(() => {})
    // What cannot be closed in time is left to the store.
    await withDeadline(clock, leases.deadlineMs, inbox.close()).catch(() => {})
  }
}

const closed = () => new StoreUnavailableError('these locks are closed')
