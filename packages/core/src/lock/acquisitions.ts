import type { Answer } from '../contract/answer.ts'
import type { LeaseStore } from '../contract/lease-store.ts'
import { withDeadline } from '../deadline.ts'
import { StoreUnavailableError } from '../errors.ts'
import { AbortHub, Interrupt } from '../interrupt.ts'
import { isPending } from '../is-pending.ts'
import type { Name } from '../key.ts'
import { type Link, LinkedSet } from '../linked-set.ts'
import { acquireWithin } from './acquire.ts'
import { type AdoptOptions, adopt } from './adopt.ts'
import { attempt, type Busy, type Wanted } from './attempt.ts'
import type { PassedOn } from './cohort.ts'
import { Cohorts } from './cohorts.ts'
import type { Engine } from './engine.ts'
import type { Grant } from './grant.ts'
import type { HeldLeases } from './held-leases.ts'
import { HeldLock } from './held-lock.ts'
import type { Lease } from './lease.ts'
import type { LockGrant } from './lock-grant.ts'
import type { LockQuery } from './lock-info.ts'
import type { AcquireDefaults, AcquireOptions } from './options.ts'
import { selfWaitOf } from './self-wait.ts'
import { Wants } from './wants.ts'

type Outcome = Grant | PassedOn | Busy
type Acquire<Result extends Outcome> = (
  engine: Engine,
  wanted: Wanted,
  interrupt: Interrupt,
  startedAtMs: number,
) => Answer<Result>

interface Acquiring extends Link<Acquiring> {
  readonly wanted: Wanted
  /** Ends it early. */
  readonly interrupt: Interrupt
  readonly settled: Promise<unknown>
}

/** Whatever one `Locks` is acquiring and holding: each acquisition passes here, and its end too. */
export class Acquisitions {
  readonly #wants: Wants
  readonly #engine: Engine
  readonly #aborts = new AbortHub()
  readonly #cohorts: Cohorts
  readonly #held: HeldLeases
  /** Acquisitions that have not settled. */
  readonly #acquiring = new LinkedSet<Acquiring>()
  #closing: Promise<void> | undefined

  constructor(
    store: LeaseStore,
    engine: Engine,
    held: HeldLeases,
    prefix: string,
    defaults: AcquireDefaults,
  ) {
    this.#engine = engine
    this.#held = held
    this.#wants = new Wants(store, prefix, defaults)
    this.#cohorts = new Cohorts(store.facts)
  }

  /** What a caller asks for. @throws InvalidArgumentError, UnsupportedError */
  wanted(name: Name, options?: AcquireOptions): Wanted {
    return this.#wants.of(name, options)
  }

  /** What a name is here and in the store. @throws InvalidArgumentError */
  place(name: Name): { readonly name: string; readonly key: string } {
    return this.#wants.place(name)
  }

  /** @throws StoreUnavailableError when closed. */
  assertOpen(): void {
    if (this.#closing) throw closed()
  }

  query(): LockQuery {
    const held = this.#held.toArray().filter((lease) => lease.held)
    const pending = this.#acquiring.toArray().map(({ wanted }) => wanted)
    return {
      held: held.map(({ grant: { name, mode }, fence, remaining }) => {
        return { name, mode, fence, remainingMs: remaining }
      }),
      pending: pending.map(({ name, mode }) => {
        return { name, mode, fence: undefined, remainingMs: undefined }
      }),
    }
  }

  /** @throws LockTimeoutError; StoreUnavailableError; ConflictError; the reason of `interrupt`. */
  acquire(asked: Wanted, interrupt?: Interrupt): Promise<HeldLock> {
    const { name } = asked
    const selfHeld = this.#engine.context.holds(name)
    const wanted = selfHeld
      ? { ...asked, onSelfWait: selfWaitOf(this.#engine.tracing, name) }
      : asked
    const isShared = wanted.fair === 'process' && wanted.waitMs > 0
    return this.#enter(wanted, isShared ? this.#acquireHere : acquireAlone, interrupt)
  }

  /** One try; `null` = held by somebody. */
  tryAcquire(wanted: Wanted): Promise<HeldLock | null> {
    return this.#enter(wanted, attempt)
  }

  /** @throws InvalidArgumentError; LockLostError; StoreUnavailableError. */
  async adopt(grant: LockGrant, options: AdoptOptions): Promise<HeldLock> {
    const wanted = this.#wants.toAdopt(grant, options)
    return this.#enter(wanted, (engine, own, interrupt) => adopt(engine, own, grant, interrupt))
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  /** Trips `interrupt` when `signal` aborts. @returns how to stop that. */
  interruptOn(signal: AbortSignal | undefined, interrupt: Interrupt): () => void {
    return signal ? this.#aborts.connect(signal, interrupt) : nothing
  }

  readonly #acquireHere: Acquire<Grant | PassedOn> = (engine, wanted, interrupt) =>
    this.#cohorts.acquire(engine, wanted, interrupt)

  /** `null` for what ends busy. Not async: what is answered at once costs one promise, made when it is over. */
  #enter<Result extends Outcome>(
    wanted: Wanted,
    acquire: Acquire<Result>,
    interrupt = new Interrupt(),
  ): Promise<LockOf<Result>> {
    let disconnect = nothing
    try {
      this.assertOpen()
      disconnect = this.interruptOn(wanted.signal, interrupt)
      const engine = this.#engine
      const startedAtMs = engine.clock.now()
      const answer = engine.tracing.follows('acquire')
        ? traced(engine, wanted, acquire, interrupt, startedAtMs)
        : acquire(engine, wanted, interrupt, startedAtMs)
      if (isPending<Outcome>(answer)) {
        const acquiring = { wanted, interrupt, settled: answer, set: undefined }
        return this.#await(answer as Promise<Result>, acquiring, startedAtMs, disconnect)
      }
      disconnect()
      return Promise.resolve(this.#hold<Result>(answer as Result, interrupt, startedAtMs))
    } catch (error) {
      disconnect()
      return Promise.reject(error)
    }
  }

  async #await<Result extends Outcome>(
    answer: Promise<Result>,
    acquiring: Acquiring,
    startedAtMs: number,
    disconnect: () => void,
  ): Promise<LockOf<Result>> {
    this.#acquiring.add(acquiring)
    try {
      return this.#hold<Result>(await answer, acquiring.interrupt, startedAtMs)
    } finally {
      disconnect()
      this.#acquiring.delete(acquiring)
    }
  }

  #hold<Result extends Outcome>(
    outcome: Outcome,
    interrupt: Interrupt,
    startedAtMs: number,
  ): LockOf<Result> {
    if ('remainingMs' in outcome) return null as LockOf<Result>
    if ('lease' in outcome) giveBackIfTripped(outcome.lease, interrupt)
    const lease = 'lease' in outcome ? outcome.lease : this.#held.begin(outcome)
    if (this.#closing) {
      // Granted in the turn in which the locks were closed: nobody will ever release it.
      lease.abandon('closed')
      throw closed()
    }
    const { name, fence } = lease
    const waitedMs = lease.acquiredAtMs - startedAtMs
    if (this.#engine.listens) this.#engine.emit({ type: 'acquired', name, waitedMs, fence })
    return new HeldLock(this.#engine, lease) as LockOf<Result>
  }

  async #close(): Promise<void> {
    const acquiring = this.#acquiring.toArray()
    for (const { interrupt } of acquiring) interrupt.trip(closed())
    await Promise.allSettled(acquiring.map(({ settled }) => settled))
    for (const lease of this.#held.toArray()) lease.abandon('closed')
    const { clock, inbox, leases, undo } = this.#engine
    await withDeadline(clock, leases.deadlineMs, undo.answered()).catch(() => {})
    undo.close()
    // What cannot be closed in time is left to the store.
    await withDeadline(clock, leases.deadlineMs, inbox.close()).catch(() => {})
  }
}

type LockOf<Result extends Outcome> = Busy extends Result ? HeldLock | null : HeldLock

const nothing = () => {}

/** For itself, beginning in the turn in which the clock was read. */
const acquireAlone: Acquire<Grant> = (engine, wanted, interrupt, nowMs) =>
  acquireWithin(engine, wanted, interrupt, nowMs, nowMs)

/** In the turn in which it was handed on. Whoever interrupts is answered at once. @throws its reason. */
function giveBackIfTripped(lease: Lease, interrupt: Interrupt): void {
  if (interrupt.tripped && !lease.passOn()) Promise.resolve(lease.release()).catch(nothing)
  interrupt.throwIfTripped()
}

function traced<Result extends Outcome>(
  engine: Engine,
  wanted: Wanted,
  acquire: Acquire<Result>,
  interrupt: Interrupt,
  startedAtMs: number,
): Promise<Result> {
  const { name, mode, ttlMs, waitMs } = wanted
  const run = () => acquire(engine, wanted, interrupt, startedAtMs)
  return engine.tracing.run('acquire', { name, mode, ttlMs, waitMs }, run, (outcome: Outcome) => {
    if ('remainingMs' in outcome) return { acquired: false }
    const { fence } = 'lease' in outcome ? outcome.lease : outcome
    return { acquired: true, fence }
  })
}

const closed = () => new StoreUnavailableError('these locks are closed')
