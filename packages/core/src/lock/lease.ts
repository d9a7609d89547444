import type { CancelTimer } from '../clock.ts'
import type { Answer } from '../contract/answer.ts'
import { LockLostError, type LossReason, StoreUnavailableError } from '../errors.ts'
import { isPending } from '../is-pending.ts'
import type { Link } from '../linked-set.ts'
import type { Engine } from './engine.ts'
import { Extender } from './extender.ts'
import type { Grant } from './grant.ts'
import type { LockGrant } from './lock-grant.ts'
import { lossReason } from './loss-reason.ts'
import { Renewal } from './renewal.ts'
import type { EndHold } from './tracing.ts'
import { wasReleased } from './was-released.ts'

const BACKGROUND = { background: true }

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
  readonly #onEnd: (keptMs: number) => void
  readonly #extender: Extender
  readonly #renewal: Renewal | undefined
  /** Held no longer than that, however often it is extended. */
  readonly #holdUntilMs: number
  #state: 'held' | 'released' | 'lost' = 'held'
  #turn = 0
  /** Of the holder whose turn it is, as the next three. */
  #acquiredAtMs: number
  #fence: number | undefined
  #endHold: EndHold | undefined
  #deadlineMs = Infinity
  /** A renewal has no answer yet. */
  #renewing = false
  #cancelDeadline: CancelTimer | undefined
  #controller: AbortController | undefined
  #lost: LockLostError | undefined

  /** `onEnd` is told once; the token may stay in the store on purpose, for `keptMs` at most. */
  constructor(engine: Engine, grant: Grant, onEnd: (keptMs: number) => void) {
    this.grant = grant
    this.#engine = engine
    this.#onEnd = onEnd
    this.#acquiredAtMs = engine.clock.now()
    this.#holdUntilMs = this.#acquiredAtMs + (grant.maxHoldMs ?? Infinity)
    this.#fence = grant.fence
    this.#extender = new Extender(engine, grant, this)
    this.#followHold()
    if (grant.renew || grant.short) this.#renewal = new Renewal(engine, this, grant)
    this.#setDeadline(grant.validUntilMs, this.#acquiredAtMs)
    this.#renewal?.start(grant.validUntilMs, this.#acquiredAtMs)
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
    return this.#fence
  }

  get held(): boolean {
    if (this.#state !== 'held') return false
    // A stalled event loop reads this before the timer of the deadline has run.
    if (this.#engine.clock.now() >= this.#deadlineMs) this.#expire()
    return this.#state === 'held'
  }

  /** By the holder whose turn it is. */
  get acquiredAtMs(): number {
    return this.#acquiredAtMs
  }

  get remaining(): number {
    return this.held ? this.#deadlineMs - this.#engine.clock.now() : 0
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
    return this.#extender.inTurn(async () => {
      // Behind another extend; by now the lease may be its next holder's.
      return turn === this.#turn && this.#extender.extend(ttlMs)
    })
  }

  /** Extends unless the lease has been extended as far meanwhile. For its renewal. */
  renew(ttlMs: number): Promise<boolean> {
    return this.#extender.inTurn(async () => {
      if (this.remaining >= ttlMs) return true
      this.#renewing = true
      try {
        return await this.#extender.extend(ttlMs)
      } finally {
        this.#renewing = false
      }
    })
  }

  /** `coolDownMs`: how long after its acquisition the lease ends, by itself; 0 = now. */
  release(coolDownMs = 0): Answer<boolean> {
    if (!this.held) return false
    // Everything ends before the command leaves: no renewal can follow it.
    this.#end('released', coolDownMs)
    this.#endHold?.({ end: 'released', heldMs: this.#heldMs })
    const { tracing } = this.#engine
    if (!tracing.follows('release')) return this.#letGo(coolDownMs)
    return tracing.run(
      'release',
      { name: this.name, coolDownMs },
      async () => this.#letGo(coolDownMs),
      (released) => ({ released }),
    )
  }

  /** Instead of a release; `false` = nobody here can have it next. */
  passOn(): boolean {
    return this.held && this.grant.cohort?.handOn(this) === true
  }

  /** The turn of its holder ends, and that of another one in this process begins, with the next fence. */
  nextTurn(): void {
    this.#endHold?.({ end: 'released', heldMs: this.#heldMs })
    this.#engine.emit({ type: 'released', name: this.name, heldMs: this.#heldMs })
    this.#turn++
    if (this.#fence !== undefined) this.#fence++
    this.#acquiredAtMs = this.#engine.clock.now()
    this.#controller = undefined
    this.#followHold()
  }

  /** Ends it here, and leaves it in the store for whoever adopts it. @throws LockLostError */
  handOver(): LockGrant {
    this.assertHeld()
    this.#end('released', this.#extender.storeTtlMs)
    this.#endHold?.({ end: 'handed-over', heldMs: this.#heldMs })
    this.#engine.emit({ type: 'handed-over', name: this.name, heldMs: this.#heldMs })
    const { name, token, mode, units, capacity, ttlMs } = this.grant
    const fence = this.#fence
    return { v: 1, name, token, ...(fence && { fence }), mode, units, capacity, ttlMs }
  }

  /** Ends the lease as lost. */
  lose(reason: LossReason): void {
    if (this.#state !== 'held') return
    this.#end('lost')
    this.#engine.lines.freed(this.grant.key)
    const error = this.#declareLost(reason)
    this.#endHold?.({ end: 'lost', heldMs: this.#heldMs, error })
  }

  /** Ends the lease as lost and gives it back in the background. */
  abandon(reason: LossReason): void {
    if (!this.held) return
    this.lose(reason)
    this.#engine.undo.start(this.#extender.abandoned)
  }

  endBy(deadlineMs: number): void {
    if (deadlineMs < this.#deadlineMs) this.#setDeadline(deadlineMs)
  }

  endAt(deadlineMs: number): void {
    this.#setDeadline(deadlineMs)
    this.#renewal?.extended(deadlineMs)
    this.#engine.dropped.settle()
  }

  #letGo(coolDownMs: number): Answer<boolean> {
    return coolDownMs === 0 ? this.#giveBack() : this.#coolDown(coolDownMs)
  }

  #giveBack(): Answer<boolean> {
    const abandoned = this.#extender.abandoned
    const { reply } = this.#engine.leases.release(abandoned)
    if (!isPending(reply)) return this.#parted(reply.state)
    return reply.then(
      ({ state }) => this.#parted(state),
      (error) => {
        this.#engine.undo.start(abandoned)
        throw error
      },
    )
  }

  /** Behind the extends under way, which would move the end again. */
  #coolDown(coolDownMs: number): Promise<boolean> {
    const endsAtMs = this.#acquiredAtMs + coolDownMs
    return this.#extender.inTurn(async () => {
      const restMs = Math.ceil(endsAtMs - this.#engine.clock.now())
      return restMs < 1 ? this.#giveBack() : this.#leaveFor(restMs)
    })
  }

  async #leaveFor(ttlMs: number): Promise<boolean> {
    const { key, token } = this.grant
    const { state } = await this.#engine.leases.extend({ key, token, ttlMs }).reply
    if (state === 'late') throw new StoreUnavailableError('the store refused a late command')
    return this.#parted(state)
  }

  /** The lease has ended as its holder wished, unless the store had lost it before. */
  #parted(state: 'released' | 'extended' | 'absent' | 'taken'): boolean {
    if (state === 'absent' || state === 'taken') {
      this.#declareLost(lossReason(state))
      return false
    }
    if (state === 'released') this.#engine.lines.freed(this.grant.key)
    this.#engine.emit({ type: 'released', name: this.name, heldMs: this.#heldMs })
    return true
  }

  #setDeadline(deadlineMs: number, nowMs = this.#engine.clock.now()): void {
    this.#deadlineMs = Math.min(deadlineMs, this.#holdUntilMs)
    this.#cancelDeadline?.()
    const leftMs = Math.max(0, this.#deadlineMs - nowMs)
    this.#cancelDeadline = this.#engine.clock.after(leftMs, () => this.#expire(), BACKGROUND)
  }

  #expire(): void {
    if (this.#state !== 'held') return
    if (this.#deadlineMs === this.#holdUntilMs) {
      this.lose('max-hold')
      this.#engine.undo.start(this.#extender.abandoned)
    } else {
      this.lose(this.#renewing || this.#renewal?.failing ? 'unreachable' : 'expired')
      this.#extender.expired()
    }
  }

  #followHold(): void {
    const { tracing } = this.#engine
    this.#endHold = tracing.follows('hold')
      ? tracing.hold({ name: this.name, fence: this.#fence })
      : undefined
  }

  get #heldMs(): number {
    return this.#engine.clock.now() - this.#acquiredAtMs
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
    this.#cancelDeadline?.()
    this.#renewal?.stop()
    this.#engine.dropped.ended(this)
    this.#onEnd(keptMs)
    this.grant.cohort?.ended(this)
  }
}
