import type { ExtendReply } from '../contract/lease-store.ts'
import { type LossReason, StoreUnavailableError } from '../errors.ts'
import type { Engine } from './engine.ts'
import type { Grant } from './grant.ts'
import { lossReason } from './loss-reason.ts'
import { validUntilMs } from './validity.ts'

const BACKGROUND = { background: true }

/** A lease whose end an extend moves. */
interface Extendable {
  readonly held: boolean
  /** Ends then at the latest: an extend that is under way may make it shorter unseen. */
  endBy(deadlineMs: number): void
  /** Extended: ends then. */
  endAt(deadlineMs: number): void
  lose(reason: LossReason): void
}

/** Extends one lease, and says what each answer is worth. */
export class Extender {
  readonly #engine: Engine
  readonly #grant: Grant
  readonly #lease: Extendable
  /** Extends run one after the other: the reply to the last one sent must be the last one believed. */
  #last: Promise<unknown> | undefined
  /** An extend without an answer that may still run, and set this TTL, behind later ones. */
  #doubt: { readonly ttlMs: number; readonly overAtMs: number } | undefined
  #storeTtlMs: number
  /** An extend was answered too late to be believed: the store may count longer than we do. */
  #isLonger = false
  #isOver = false

  constructor(engine: Engine, grant: Grant, lease: Extendable) {
    this.#engine = engine
    this.#grant = grant
    this.#lease = lease
    this.#storeTtlMs = grant.ttlMs + grant.graceMs
  }

  /** The longest TTL that the store was asked for. */
  get storeTtlMs(): number {
    return this.#storeTtlMs
  }

  /** What may be left of it in the store. */
  get abandoned(): { key: string; token: string; ttlMs: number } {
    const { key, token } = this.#grant
    return { key, token, ttlMs: this.#storeTtlMs }
  }

  /** The lease has ended by our own clock: what the store counts beyond that is given back. */
  expired(): void {
    this.#isOver = true
    if (this.#isLonger) this.#giveBack()
  }

  /** Runs `step` when all that was under way has its answer. */
  inTurn<T>(step: () => Promise<T>): Promise<T> {
    const done = (this.#last ?? Promise.resolve()).then(step)
    this.#last = done.catch(() => {})
    return done
  }

  /** To be run in turn. @throws StoreUnavailableError without an answer. */
  extend(ttlMs: number): Promise<boolean> {
    const { tracing } = this.#engine
    if (!tracing.follows('renew')) return this.#extend(ttlMs)
    const { name } = this.#grant
    return tracing.run(
      'renew',
      { name, ttlMs },
      () => this.#extend(ttlMs),
      (extended) => ({ extended }),
    )
  }

  async #extend(wantedMs: number): Promise<boolean> {
    if (!this.#lease.held) return false
    const { key, token, graceMs } = this.#grant
    const ttlMs = wantedMs + graceMs
    this.#storeTtlMs = Math.max(this.#storeTtlMs, ttlMs)
    const sent = this.#engine.leases.extend({ key, token, ttlMs })
    // It may run and its reply be lost: if it makes the lease shorter, the store counts that.
    this.#lease.endBy(validUntilMs(sent.sentAtMs, ttlMs, graceMs))
    try {
      const reply = await sent.reply
      if (!this.#lease.held) {
        this.#heardTooLate(reply)
        return false
      }
      if (reply.state === 'late')
        throw new StoreUnavailableError('the store refused a late command')
      if (reply.state !== 'extended') {
        this.#lease.lose(lossReason(reply.state))
        return false
      }
      this.#believe(sent.sentAtMs, reply.remainingMs)
      return this.#lease.held
    } catch (error) {
      const { ttlMs: least = ttlMs, overAtMs: last = 0 } = this.#doubt ?? {}
      this.#doubt = { ttlMs: Math.min(least, ttlMs), overAtMs: Math.max(last, sent.overAtMs) }
      Promise.resolve(sent.outcome).then((reply) => this.#heardTooLate(reply), nothing)
      throw error
    }
  }

  #heardTooLate({ state }: ExtendReply): void {
    if (state !== 'extended') return
    if (this.#isOver) this.#giveBack()
    else this.#isLonger = true
  }

  /** Not before the grace is over: it is there for a holder that has not stopped yet. */
  #giveBack(): void {
    const { clock, undo } = this.#engine
    clock.after(this.#grant.graceMs, () => undo.start(this.abandoned), BACKGROUND)
  }

  /** An extend in doubt can run right behind this one, and then its TTL is what the store counts. */
  #believe(sentAtMs: number, remainingMs: number): void {
    if (this.#doubt && sentAtMs > this.#doubt.overAtMs) this.#doubt = undefined
    const leastMs = Math.min(remainingMs, this.#doubt?.ttlMs ?? remainingMs)
    this.#lease.endAt(validUntilMs(sentAtMs, leastMs, this.#grant.graceMs))
  }
}

const nothing = () => {}
