import { backoffMs } from '../backoff.ts'
import type { Engine } from './engine.ts'
import type { Grant } from './grant.ts'

const PAUSE_MS_MIN = 2

/** What a renewal works on. */
interface Renewable {
  readonly name: string
  renew(ttlMs: number): Promise<boolean>
}

/**
 * Extends a lock each ttl/3 for as long as it is held; a lock that does not renew but was pushed short
 * of its ttl, once, to the rest of it. A definite "not yours" ends the lock inside `extend`; anything
 * else is repeated, and the lock's own deadline decides. Its timer is the countdown's.
 */
export class Renewal {
  readonly #engine: Engine
  readonly #lock: Renewable
  readonly #grant: Grant
  #dueAtMs: number
  #stopped = false
  #failures = 0
  #waits = false

  constructor(engine: Engine, lock: Renewable, grant: Grant) {
    this.#engine = engine
    this.#lock = lock
    this.#grant = grant
    const { short, validUntilMs, grantedAtMs } = grant
    this.#dueAtMs = short?.extendAtMs ?? this.#afterMs(validUntilMs, grantedAtMs)
  }

  /** When to run it; Infinity = it is under way, or over. */
  get dueAtMs(): number {
    return this.#dueAtMs
  }

  /** The renewal under way, or the last one, has no answer. */
  get failing(): boolean {
    return this.#waits || this.#failures > 0
  }

  /** The lease was extended, by this or by its holder. */
  extended(deadlineMs: number, nowMs: number): void {
    this.#failures = 0
    if (this.#grant.renew) this.#postpone(this.#afterMs(deadlineMs, nowMs))
    else this.stop()
  }

  /** Extends if it is due. Whether that has failed, and it is due anew. */
  async run(nowMs: number): Promise<boolean> {
    if (nowMs < this.#dueAtMs) return false
    this.#dueAtMs = Infinity
    return this.#renew()
  }

  stop(): void {
    this.#stopped = true
    this.#dueAtMs = Infinity
  }

  /**
   * At ttl/3 of a lease as long as its ttl; later of one that its holder extended far, at a quarter of one
   * that the store made shorter. Never at once: that would be a loop as fast as the network.
   */
  #afterMs(deadlineMs: number, nowMs: number): number {
    const leftMs = deadlineMs - nowMs
    return nowMs + Math.max(leftMs - (this.#grant.ttlMs * 2) / 3, leftMs / 4, PAUSE_MS_MIN)
  }

  #postpone(dueAtMs: number): void {
    if (!this.#stopped) this.#dueAtMs = dueAtMs
  }

  async #renew(): Promise<boolean> {
    const { name } = this.#lock
    const { clock, emit, random } = this.#engine
    const { renew, short, ttlMs } = this.#grant
    const restMs = short && !renew ? Math.floor(short.endsAtMs - clock.now()) : ttlMs
    if (restMs < 1) return false
    this.#waits = true
    try {
      if (await this.#lock.renew(restMs)) emit({ type: 'renewed', name })
      return false
    } catch (error) {
      if (this.#stopped) return false
      emit({ type: 'store-error', name, error: error as Error })
      const limits = { firstMs: ttlMs / 30, maxMs: ttlMs / 6 }
      this.#postpone(clock.now() + backoffMs(this.#failures++, limits, random))
      return true
    } finally {
      this.#waits = false
    }
  }
}
