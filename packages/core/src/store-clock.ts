import type { Clock } from './clock.ts'

/** Allowance for two clocks that run at different rates. */
const RATE_MARGIN = 0.01

/**
 * What we know of the store's clock, from its latest reply.
 *
 * A client may queue a command while offline and send it minutes later. So each carries the store time
 * after which it must do nothing, once a first reply has told the time. A step back of the store's
 * clock re-opens that hole by its size.
 */
export class StoreClock {
  readonly #clock: Clock
  #offsetMs: number | undefined
  #learntAtMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** `storeNowMs` of the reply to a command sent at `sentAtMs` of our clock. */
  learn(storeNowMs: number | undefined, sentAtMs: number, heardAtMs = this.#clock.now()): void {
    if (storeNowMs === undefined) return
    // Counted from the sending, so never behind the store: a command in time is never refused.
    this.#offsetMs = storeNowMs - sentAtMs
    this.#learntAtMs = heardAtMs
  }

  /**
   * How far `now` may be off, since two clocks run at different rates: the more the longer ago the latest
   * reply that told the time. Infinity before the first.
   */
  get driftMs(): number {
    return this.#offsetMs === undefined ? Infinity : this.#driftAt(this.#clock.now())
  }

  /** The store's time at the latest, epoch ms; the machine's own until the store has told. */
  now(): number {
    return this.#offsetMs === undefined ? this.#clock.wall() : this.#clock.now() + this.#offsetMs
  }

  /**
   * The store time at which a command sent now, at `nowMs` of our clock, must have run; `undefined` before the first reply, and
   * when that is so long ago that the clocks may have drifted apart by a deadline.
   */
  notAfterMs(deadlineMs: number, nowMs = this.#clock.now()): number | undefined {
    if (this.#offsetMs === undefined) return undefined
    const driftMs = this.#driftAt(nowMs)
    if (driftMs > deadlineMs) return undefined
    return Math.ceil(nowMs + this.#offsetMs + deadlineMs + driftMs)
  }

  #driftAt(nowMs: number): number {
    return (nowMs - this.#learntAtMs) * RATE_MARGIN
  }
}
