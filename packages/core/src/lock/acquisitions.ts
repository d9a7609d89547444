import type { Answer } from '../contract/answer.ts'
import type { LeaseStore } from '../contract/lease-store.ts'
import { withDeadline } from '../deadline.ts'
import { StoreUnavailableError } from '../errors.ts'
import { AbortHub, Interrupt } from '../interrupt.ts'
import { isPending } from '../is-pending.ts'
import type { Name } from '../key.ts'
import { LinkedMap } from '../linked-map.ts'
import { type Link, LinkedSet } from '../linked-set.ts'
import { acquireWithin } from './acquire.ts'
import { type AdoptOptions, adopt } from './adopt.ts'
import { attempt, type Busy, type Wanted } from './attempt.ts'
import type { PassedOn } from './cohort.ts'
import { Cohorts } from './cohorts.ts'
import type { Engine } from './engine.ts'
import type { Grant } from './grant.ts'
import { HeldLock } from './held-lock.ts'
import { Lease } from './lease.ts'
import type { LockGrant } from './lock-grant.ts'
import type { LockQuery } from './lock-info.ts'
import type { AcquireDefaults, AcquireOptions } from './options.ts'
import { selfWaitOf } from './self-wait.ts'
import type { Tracing } from './tracing.ts'
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
  /** Acquisitions that have not settled. */
  readonly #acquiring = new LinkedSet<Acquiring>()
  /** By owner token. */
  readonly #held = new LinkedMap<Lease>()
  /** Tokens that were let go and stay in the store on purpose. */
  readonly #kept = new Set<string>()
  #closing: Promise<void> | undefined

  constructor(store: LeaseStore, engine: Engine, prefix: string, defaults: AcquireDefaults) {
    this.#engine = engine
    this.#wants = new Wants(store, prefix, defaults)
    this.#cohorts = new Cohorts(store.facts)
  }

  /** `token` is in the store because somebody here wants it to be. */
  holds(token: string): boolean {
    return this.#held.has(token) || this.#kept.has(token)
  }

  /** The greatest fence of what is held here under `key`; 0 = nothing is. */
  fenceOf(key: string): number {
    let greatest = 0
    for (const { grant, fence = 0 } of this.#held.values()) {
      if (grant.key === key && fence > greatest) greatest = fence
    }
    return greatest
  }

  /** The lease with this token, if it is held here, is another's now. */
  stolen(token: string): void {
    this.#held.get(token)?.lose('stolen')
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
    const held = [...this.#held.values()].filter((lease) => lease.held)
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

  /** An operator has taken this lock from whoever holds it. */
  broken(token: string): void {
    this.#held.get(token)?.lose('deleted')
  }

  /** @throws LockTimeoutError; StoreUnavailableError; ConflictError; the reason of `interrupt`. */
  acquire(asked: Wanted, interrupt?: Interrupt): Promise<HeldLock> {
    const { name } = asked
    const selfHeld = this.#engine.context.holds(name)
    const wanted = selfHeld
      ? { ...asked, onSelfWait: selfWaitOf(this.#engine.tracing, name) }
      : asked
    const isShared = wanted.fair === 'process' && wanted.waitMs > 0
    return this.#enter(wanted, isShared ? this.#acquireHere : acquireWithin, interrupt)
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

  /** `null` for what ends busy. */
  async #enter<Result extends Outcome>(
    wanted: Wanted,
    acquire: Acquire<Result>,
    interrupt = new Interrupt(),
  ): Promise<LockOf<Result>> {
    this.assertOpen()
    const disconnect = this.interruptOn(wanted.signal, interrupt)
    const engine = this.#engine
    const startedAtMs = engine.clock.now()
    let acquiring: Acquiring | undefined
    try {
      const run = () => acquire(engine, wanted, interrupt, startedAtMs)
      const answer = engine.tracing.follows('acquire') ? traced(engine.tracing, wanted, run) : run()
      if (isPending(answer)) {
        acquiring = { wanted, interrupt, settled: answer, set: undefined }
        this.#acquiring.add(acquiring)
      }
      const outcome: Outcome = isPending(answer) ? await answer : answer
      if ('remainingMs' in outcome) return null as LockOf<Result>
      if ('lease' in outcome) giveBackIfTripped(outcome.lease, interrupt)
      const lease = 'lease' in outcome ? outcome.lease : this.#begin(outcome)
      return this.#hold(lease, startedAtMs)
    } finally {
      disconnect()
      if (acquiring) this.#acquiring.delete(acquiring)
    }
  }

  #begin(grant: Grant): Lease {
    if (grant.steal) this.#depose(grant)
    const lease = new Lease(this.#engine, grant, (keptMs) => this.#ended(grant.token, keptMs))
    this.#held.set(grant.token, lease)
    return lease
  }

  #hold(lease: Lease, startedAtMs: number): HeldLock {
    if (this.#closing) {
      // Granted in the turn in which the locks were closed: nobody will ever release it.
      lease.abandon('closed')
      throw closed()
    }
    const { name, fence } = lease
    const waitedMs = lease.acquiredAtMs - startedAtMs
    if (this.#engine.listens) this.#engine.emit({ type: 'acquired', name, waitedMs, fence })
    return new HeldLock(this.#engine, lease)
  }

  /** Whoever held it here need not wait for the push. */
  #depose({ key, fence }: Grant): void {
    this.#engine.thefts.committed(key, fence)
    for (const lease of [...this.#held.values()]) {
      if (lease.grant.key === key) lease.lose('stolen')
    }
  }

  #ended(token: string, keptMs: number): void {
    this.#held.delete(token)
    if (keptMs === 0) return
    this.#kept.add(token)
    this.#engine.clock.after(keptMs, () => this.#kept.delete(token), { background: true })
  }

  async #close(): Promise<void> {
    const acquiring = this.#acquiring.toArray()
    for (const { interrupt } of acquiring) interrupt.trip(closed())
    await Promise.allSettled(acquiring.map(({ settled }) => settled))
    for (const lease of [...this.#held.values()]) lease.abandon('closed')
    const { clock, inbox, leases, undo } = this.#engine
    await withDeadline(clock, leases.deadlineMs, undo.answered()).catch(() => {})
    undo.close()
    // What cannot be closed in time is left to the store.
    await withDeadline(clock, leases.deadlineMs, inbox.close()).catch(() => {})
  }
}

type LockOf<Result extends Outcome> = Busy extends Result ? HeldLock | null : HeldLock

const nothing = () => {}

/** In the turn in which it was handed on. Whoever interrupts is answered at once. @throws its reason. */
function giveBackIfTripped(lease: Lease, interrupt: Interrupt): void {
  if (interrupt.tripped && !lease.passOn()) Promise.resolve(lease.release()).catch(nothing)
  interrupt.throwIfTripped()
}

function traced<Result extends Outcome>(
  tracing: Tracing,
  { name, mode, ttlMs, waitMs }: Wanted,
  run: () => Answer<Result>,
): Promise<Result> {
  return tracing.run('acquire', { name, mode, ttlMs, waitMs }, run, (outcome: Outcome) => {
    if ('remainingMs' in outcome) return { acquired: false }
    const { fence } = 'lease' in outcome ? outcome.lease : outcome
    return { acquired: true, fence }
  })
}

const closed = () => new StoreUnavailableError('these locks are closed')
