import type { Answer } from '../contract/answer.ts'
import { LockLostError, type LossReason } from '../errors.ts'
import type { Link } from '../linked-set.ts'
import { Countdown } from './countdown.ts'
import type { Engine } from './engine.ts'
import { Extender } from './extender.ts'
import { giveBack } from './give-back.ts'
import type { Grant } from './grant.ts'
import { Hold } from './hold.ts'
import { type LockGrant, toLockGrant } from './lock-grant.ts'
import { lossReason } from './loss-reason.ts'
import { wasReleased } from './was-released.ts'

/** Who counts it among what is held. */
interface HeldBy {
  /** Told once; the token may stay in the store on purpose, for `keptMs` at most. */
  ended(token: string, keptMs: number): void
}

/**
 * A lease of ours. `held → released | lost`, once, and both are final: no reply that comes later changes
 * it. Its caller has a handle to it, which is another object, so that nothing here keeps that alive. One
 * lease may have several holders in this process, one after the other: each has a turn of its own.
 */
export class Lease implements Link<Lease> {
  set?: unknown
  previous?: Lease | undefined
  next?: Lease | undefined
  /** For those who notice dropped handles, and kept by nobody else. */
  youngHandle: object | undefined
  readonly grant: Grant
  readonly #engine: Engine
  readonly #heldBy: HeldBy
  /** Most leases are never extended. */
  #extender: Extender | undefined
  readonly #countdown: Countdown
  #state: 'held' | 'released' | 'lost' = 'held'
  #turn = 0
  /** Of the holder whose turn it is. */
  #hold: Hold
  #controller: AbortController | undefined
  #lost: LockLostError | undefined

  constructor(engine: Engine, grant: Grant, heldBy: HeldBy) {
    this.grant = grant
    this.#engine = engine
    this.#heldBy = heldBy
    this.#hold = new Hold(engine, grant.name, grant.fence, grant.grantedAtMs)
    this.#countdown = new Countdown(engine, this, grant)
    grant.cohort?.began(this)
  }

  get name(): string {
    return this.grant.name
  }

  /** Counts its holders. */
  get turn(): number {
    return this.#turn
  }

  get fence(): number | undefined {
    return this.#hold.fence
  }

  get held(): boolean {
    return this.#state === 'held' && this.#isHeldAt(this.#engine.clock.now())
  }

  /** By the holder whose turn it is. */
  get acquiredAtMs(): number {
    return this.#hold.acquiredAtMs
  }

  get remaining(): number {
    const nowMs = this.#engine.clock.now()
    return this.#isHeldAt(nowMs) ? this.#countdown.deadlineMs - nowMs : 0
  }

  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController()
      if (this.#lost) this.#controller.abort(this.#lost)
    }
    return this.#controller.signal
  }

  assertHeld(): void {
    if (this.held) return
    throw this.#lost ?? wasReleased(this.name)
  }

  async verify(): Promise<boolean> {
    if (!this.held) return false
    const { key, token } = this.grant
    const { holders } = await this.#engine.leases.inspect(key)
    if (holders.some((holder) => holder.token === token)) return this.held
    this.lose(holders.length > 0 ? 'stolen' : 'deleted')
    return false
  }

  extend(ttlMs: number): Promise<boolean> {
    const turn = this.#turn
    return this.inTurn(async () => {
      // Behind another extend; by now the lease may be its next holder's.
      return turn === this.#turn && this.#extends.extend(ttlMs)
    })
  }

  /** Extends unless the lease has been extended as far meanwhile. For its renewal. */
  renew(ttlMs: number): Promise<boolean> {
    return this.inTurn(async () => {
      return this.remaining >= ttlMs || this.#extends.extend(ttlMs)
    })
  }

  /** `coolDownMs`: how long after its acquisition the lease ends, by itself; 0 = now. */
  release(coolDownMs = 0): Answer<boolean> {
    const nowMs = this.#engine.clock.now()
    if (!this.#isHeldAt(nowMs)) return false
    // Everything ends before the command leaves: no renewal can follow it.
    this.#end('released', coolDownMs)
    this.#hold.end('released')
    const { tracing } = this.#engine
    if (!tracing.follows('release')) return giveBack(this.#engine, this, coolDownMs, nowMs)
    return tracing.run(
      'release',
      { name: this.name, coolDownMs },
      async () => giveBack(this.#engine, this, coolDownMs),
      (released) => ({ released }),
    )
  }

  /** Instead of a release; `false` = nobody here can have it next. */
  passOn(): boolean {
    const { cohort } = this.grant
    return cohort !== undefined && this.held && cohort.handOn(this)
  }

  /** The turn of its holder ends, and that of another one in this process begins, with the next fence. */
  nextTurn(): void {
    this.#hold.end('released')
    this.#tellReleased()
    this.#turn++
    const fence = this.fence === undefined ? undefined : this.fence + 1
    this.#hold = new Hold(this.#engine, this.name, fence, this.#engine.clock.now())
    this.#controller = undefined
  }

  /** Ends it here, and leaves it in the store for whoever adopts it. @throws LockLostError */
  handOver(): LockGrant {
    this.assertHeld()
    this.#end('released', this.abandoned.ttlMs)
    this.#hold.end('handed-over')
    this.#engine.emit({ type: 'handed-over', name: this.name, heldMs: this.#hold.heldMs })
    return toLockGrant(this.grant, this.fence)
  }

  /** Ends the lease as lost. */
  lose(reason: LossReason): void {
    if (this.#state !== 'held') return
    this.#end('lost')
    this.#engine.lines.freed(this.grant.key)
    this.#hold.end('lost', this.#declareLost(reason))
  }

  /** Ends the lease as lost and gives it back in the background. */
  abandon(reason: LossReason): void {
    if (!this.held) return
    this.lose(reason)
    this.#engine.undo.start(this.abandoned)
  }

  /** What may be left of it in the store. */
  get abandoned(): { readonly key: string; readonly token: string; readonly ttlMs: number } {
    if (this.#extender) return this.#extender.abandoned
    const { key, token, ttlMs, graceMs } = this.grant
    return { key, token, ttlMs: ttlMs + graceMs }
  }

  inTurn<T>(step: () => Promise<T>): Promise<T> {
    return this.#extends.inTurn(step)
  }

  /** Its time is over, by our own clock. */
  expire(): void {
    if (this.#state !== 'held') return
    const { reason } = this.#countdown
    this.lose(reason)
    if (reason === 'max-hold') this.#engine.undo.start(this.abandoned)
    else this.#extender?.expired()
  }

  endBy(deadlineMs: number): void {
    this.#countdown.endBy(deadlineMs)
  }

  endAt(deadlineMs: number): void {
    this.#countdown.endAt(deadlineMs)
    this.#engine.dropped.settle()
  }

  /** The lease has ended as its holder wished, unless the store had lost it before. */
  parted(state: 'released' | 'extended' | 'absent' | 'taken'): boolean {
    if (state === 'absent' || state === 'taken') {
      this.#declareLost(lossReason(state))
      return false
    }
    if (state === 'released') this.#engine.lines.freed(this.grant.key)
    this.#tellReleased()
    return true
  }

  get #extends(): Extender {
    this.#extender ??= new Extender(this.#engine, this.grant, this)
    return this.#extender
  }

  #isHeldAt(nowMs: number): boolean {
    if (this.#state !== 'held') return false
    // A stalled event loop asks this before the timer of the deadline has run.
    if (nowMs >= this.#countdown.deadlineMs) this.expire()
    return this.#state === 'held'
  }

  #tellReleased(): void {
    if (!this.#engine.listens) return
    this.#engine.emit({ type: 'released', name: this.name, heldMs: this.#hold.heldMs })
  }

  #declareLost(reason: LossReason): LockLostError {
    const error = new LockLostError(`lock ${this.name} was lost: ${reason}`, reason)
    this.#lost = error
    this.#controller?.abort(error)
    this.#engine.emit({ type: 'lost', name: this.name, reason })
    return error
  }

  #end(state: 'released' | 'lost', keptMs = 0): void {
    this.#state = state
    this.#countdown.stop()
    this.#engine.dropped.ended(this)
    this.#heldBy.ended(this.grant.token, keptMs)
    this.grant.cohort?.ended(this)
  }
}
