import type { CancelTimer } from '../clock.ts'
import { type Duration, toMs } from '../duration.ts'
import { LockLostError, type LossReason, StoreUnavailableError } from '../errors.ts'
import type { Wanted } from './attempt.ts'
import type { Engine } from './engine.ts'
import type { Lock } from './lock.ts'
import { Renewal } from './renewal.ts'
import { validUntilMs } from './validity.ts'

/** What an attempt was granted. */
export interface Grant extends Wanted {
  readonly token: string
  readonly fence: number | undefined
  readonly validUntilMs: number
  /** A pushed grant that was set for less than its ttl: when to extend it, and when its ttl ends. */
  readonly short?: { readonly extendAtMs: number; readonly endsAtMs: number }
}

/**
 * The handle. `held → released | lost`, once, and both are final: no reply that comes later changes it.
 * Only this object moves its deadline: by a reply, in `#believe`, or by sending what may shorten the lease.
 */
export class HeldLock implements Lock {
  readonly name: string
  readonly token: string
  readonly fence: number | undefined
  readonly #grant: Grant
  readonly #engine: Engine
  readonly #onEnd: (lock: HeldLock) => void
  readonly #renewal: Renewal | undefined
  readonly #acquiredAtMs: number
  #state: 'held' | 'released' | 'lost' = 'held'
  #deadlineMs: number
  /** A renewal has no answer yet. */
  #renewing = false
  /** The longest TTL that the store was asked for. */
  #storeTtlMs: number
  /** An extend without an answer that may still run, and set this TTL, behind later ones. */
  #doubt: { readonly ttlMs: number; readonly overAtMs: number } | undefined
  #cancelDeadline: CancelTimer = () => {}
  #controller: AbortController | undefined
  #lost: LockLostError | undefined
  /** Extends run one after the other: the reply to the last one sent must be the last one believed. */
  #extending: Promise<unknown> = Promise.resolve()

  constructor(engine: Engine, grant: Grant, onEnd: (lock: HeldLock) => void) {
    this.name = grant.name
    this.token = grant.token
    this.fence = grant.fence
    this.#grant = grant
    this.#engine = engine
    this.#onEnd = onEnd
    this.#acquiredAtMs = engine.clock.now()
    this.#deadlineMs = grant.validUntilMs
    this.#storeTtlMs = grant.ttlMs + grant.graceMs
    if (grant.renew || grant.short) this.#renewal = new Renewal(engine, this, grant)
    this.#setDeadline(grant.validUntilMs)
    this.#renewal?.start(grant.validUntilMs)
  }

  get held(): boolean {
    if (this.#state !== 'held') return false
    // A stalled event loop reads this before the timer of the deadline has run.
    if (this.#engine.clock.now() >= this.#deadlineMs) this.#expire()
    return this.#state === 'held'
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
    throw (
      this.#lost ?? new LockLostError(`lock ${this.name} was released by its holder`, 'released')
    )
  }

  async verify(): Promise<boolean> {
    if (!this.held) return false
    const { holders } = await this.#engine.leases.inspect(this.#grant.key)
    if (holders.some((holder) => holder.token === this.token)) return this.held
    this.lose(holders.length > 0 ? 'stolen' : 'deleted')
    return false
  }

  async extend(ttl?: Duration): Promise<boolean> {
    const ttlMs = ttl === undefined ? this.#grant.ttlMs : toMs(ttl, 'ttl')
    return this.#inTurn(() => this.#extend(ttlMs))
  }

  /** Extends unless the lock has been extended as far meanwhile. For its renewal. */
  renew(ttlMs: number): Promise<boolean> {
    return this.#inTurn(async () => {
      if (this.remaining >= ttlMs) return true
      this.#renewing = true
      try {
        return await this.#extend(ttlMs)
      } finally {
        this.#renewing = false
      }
    })
  }

  async release(): Promise<boolean> {
    if (!this.held) return false
    // Everything ends before the command leaves: no renewal can follow it.
    this.#end('released')
    try {
      const { state } = await this.#engine.leases.release(this.#abandoned).reply
      if (state === 'released') {
        const heldMs = this.#engine.clock.now() - this.#acquiredAtMs
        this.#engine.emit({ type: 'released', name: this.name, heldMs })
        return true
      }
      this.#declareLost(lossReason(state))
      return false
    } catch (error) {
      this.#engine.undo.start(this.#abandoned)
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.release().catch((error: Error) => {
      this.#engine.emit({ type: 'store-error', name: this.name, error })
    })
  }

  /** Ends the lock as lost, for a reason that only its owner knows. */
  lose(reason: LossReason): void {
    if (this.#state !== 'held') return
    this.#end('lost')
    this.#declareLost(reason)
  }

  /** Ends the lock as lost and gives the lease back in the background. */
  abandon(reason: LossReason): void {
    if (!this.held) return
    this.lose(reason)
    this.#engine.undo.start(this.#abandoned)
  }

  #inTurn(extend: () => Promise<boolean>): Promise<boolean> {
    const extended = this.#extending.then(extend)
    this.#extending = extended.catch(() => {})
    return extended
  }

  async #extend(wantedMs: number): Promise<boolean> {
    if (!this.held) return false
    const { key, token, graceMs } = this.#grant
    const ttlMs = wantedMs + graceMs
    this.#storeTtlMs = Math.max(this.#storeTtlMs, ttlMs)
    const sent = this.#engine.leases.extend({ key, token, ttlMs })
    // It may run and its reply be lost: if it makes the lease shorter, the store counts that.
    const soonestMs = validUntilMs(sent.sentAtMs, ttlMs, graceMs)
    if (soonestMs < this.#deadlineMs) this.#setDeadline(soonestMs)
    try {
      const reply = await sent.reply
      if (!this.held) return false
      if (reply.state === 'late')
        throw new StoreUnavailableError('the store refused a late command')
      if (reply.state !== 'extended') {
        this.lose(lossReason(reply.state))
        return false
      }
      this.#believe(sent.sentAtMs, reply.remainingMs)
      return this.held
    } catch (error) {
      const { ttlMs: least = ttlMs, overAtMs: last = 0 } = this.#doubt ?? {}
      this.#doubt = { ttlMs: Math.min(least, ttlMs), overAtMs: Math.max(last, sent.overAtMs) }
      throw error
    }
  }

  /** An extend in doubt can run right behind this one, and then its TTL is what the store counts. */
  #believe(sentAtMs: number, remainingMs: number): void {
    if (this.#doubt && sentAtMs > this.#doubt.overAtMs) this.#doubt = undefined
    const leastMs = Math.min(remainingMs, this.#doubt?.ttlMs ?? remainingMs)
    this.#setDeadline(validUntilMs(sentAtMs, leastMs, this.#grant.graceMs))
    this.#renewal?.extended(this.#deadlineMs)
  }

  #setDeadline(deadlineMs: number): void {
    this.#deadlineMs = deadlineMs
    this.#cancelDeadline()
    const leftMs = Math.max(0, deadlineMs - this.#engine.clock.now())
    this.#cancelDeadline = this.#engine.clock.after(leftMs, () => this.#expire(), {
      background: true,
    })
  }

  #expire(): void {
    this.lose(this.#renewing || this.#renewal?.failing ? 'unreachable' : 'expired')
  }

  get #abandoned(): { key: string; token: string; ttlMs: number } {
    const { key, token } = this.#grant
    return { key, token, ttlMs: this.#storeTtlMs }
  }

  #declareLost(reason: LossReason): void {
    this.#lost = new LockLostError(`lock ${this.name} was lost: ${reason}`, reason)
    this.#controller?.abort(this.#lost)
    this.#engine.emit({ type: 'lost', name: this.name, reason })
  }

  #end(state: 'released' | 'lost'): void {
    this.#state = state
    this.#cancelDeadline()
    this.#renewal?.stop()
    this.#onEnd(this)
  }
}

const lossReason = (state: 'absent' | 'taken'): LossReason =>
  state === 'taken' ? 'stolen' : 'deleted'
