import type { CancelTimer } from '../clock.ts'
import type { LossReason } from '../errors.ts'
import type { Engine } from './engine.ts'
import type { Grant } from './grant.ts'
import { Renewal } from './renewal.ts'

const BACKGROUND = { background: true }

/** A lease whose time passes. */
interface Timed {
  readonly name: string
  renew(ttlMs: number): Promise<boolean>
  expire(): void
}

/** The time of one lease, by our own clock. One timer, for its next renewal or its end: what comes first. */
export class Countdown {
  readonly #engine: Engine
  readonly #lease: Timed
  readonly #renewal: Renewal | undefined
  /** Held no longer than that, however often it is extended. */
  readonly #holdUntilMs: number
  #deadlineMs: number
  #cancelTimer: CancelTimer | undefined

  constructor(engine: Engine, lease: Timed, grant: Grant) {
    this.#engine = engine
    this.#lease = lease
    const { grantedAtMs, maxHoldMs = Infinity, validUntilMs } = grant
    this.#holdUntilMs = grantedAtMs + maxHoldMs
    this.#deadlineMs = this.#bounded(validUntilMs)
    if (grant.renew || grant.short) this.#renewal = new Renewal(engine, lease, grant)
    this.#arm(grantedAtMs)
  }

  get deadlineMs(): number {
    return this.#deadlineMs
  }

  /** Why a lease ends at its deadline. */
  get reason(): LossReason {
    if (this.#deadlineMs === this.#holdUntilMs) return 'max-hold'
    return this.#renewal?.failing ? 'unreachable' : 'expired'
  }

  /** It ends then at the latest. */
  endBy(deadlineMs: number): void {
    if (deadlineMs >= this.#deadlineMs) return
    this.#deadlineMs = this.#bounded(deadlineMs)
    this.#arm(this.#engine.clock.now())
  }

  /** It was extended, and ends then. */
  endAt(deadlineMs: number): void {
    const nowMs = this.#engine.clock.now()
    this.#deadlineMs = this.#bounded(deadlineMs)
    this.#renewal?.extended(deadlineMs, nowMs)
    this.#arm(nowMs)
  }

  stop(): void {
    this.#cancelTimer?.()
    this.#renewal?.stop()
  }

  #bounded(deadlineMs: number): number {
    return Math.min(deadlineMs, this.#holdUntilMs)
  }

  #arm(nowMs: number): void {
    this.#cancelTimer?.()
    const atMs = Math.min(this.#deadlineMs, this.#renewal?.dueAtMs ?? Infinity)
    const delayMs = Math.max(0, atMs - nowMs)
    this.#cancelTimer = this.#engine.clock.after(delayMs, () => this.#ring(), BACKGROUND)
  }

  #armAgain(): void {
    const nowMs = this.#engine.clock.now()
    // An end that is overdue has its timer already, and a new one would put it off.
    if (nowMs < this.#deadlineMs) this.#arm(nowMs)
  }

  #ring(): void {
    const nowMs = this.#engine.clock.now()
    if (nowMs >= this.#deadlineMs) this.#lease.expire()
    else {
      void this.#renewal?.run(nowMs).then((failed) => {
        if (failed) this.#armAgain()
      })
      this.#arm(nowMs)
    }
  }
}
