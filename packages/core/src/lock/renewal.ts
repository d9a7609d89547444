import { backoffMs } from '../backoff.ts'
import type { CancelTimer } from '../clock.ts'
import type { Engine } from './engine.ts'
import type { Grant } from './grant.ts'

const PAUSE_MS_MIN = 2
const BACKGROUND = { background: true }

/** What a renewal works on. */
interface Renewable {
  readonly name: string
  renew(ttlMs: number): Promise<boolean>
}

/**
 * Extends a lock each ttl/3 for as long as it is held; a lock that does not renew but was pushed short
 * of its ttl, once, to the rest of it. A definite "not yours" ends the lock inside `extend`; anything
 * else is repeated, and the lock's own deadline decides.
 */
export class Renewal {
  readonly #engine: Engine
  readonly #lock: Renewable
  readonly #grant: Grant
  #cancel: CancelTimer | undefined
  #stopped = false
  #failures = 0

  constructor(engine: Engine, lock: Renewable, grant: Grant) {
    this.#engine = engine
    this.#lock = lock
    this.#grant = grant
  }

  /** The last renewal had no answer. */
  get failing(): boolean {
    return this.#failures > 0
  }

  start(deadlineMs: number, nowMs: number): void {
    this.#armAt(this.#grant.short?.extendAtMs ?? this.#dueAtMs(deadlineMs, nowMs), nowMs)
  }

  /** The lease was extended, by this or by its holder. */
  extended(deadlineMs: number): void {
    this.#failures = 0
    const nowMs = this.#engine.clock.now()
    if (this.#grant.renew) this.#armAt(this.#dueAtMs(deadlineMs, nowMs), nowMs)
    else this.stop()
  }

  stop(): void {
    this.#stopped = true
    this.#cancel?.()
  }

  /**
   * At ttl/3 of a lease as long as its ttl; later of one that its holder extended far, at a quarter of one
   * that the store made shorter. Never at once: that would be a loop as fast as the network.
   */
  #dueAtMs(deadlineMs: number, nowMs: number): number {
    const leftMs = deadlineMs - nowMs
    return nowMs + Math.max(leftMs - (this.#grant.ttlMs * 2) / 3, leftMs / 4, PAUSE_MS_MIN)
  }

  #armAt(dueAtMs: number, nowMs: number): void {
    this.#cancel?.()
    if (this.#stopped) return
    const delayMs = Math.max(0, dueAtMs - nowMs)
    this.#cancel = this.#engine.clock.after(delayMs, () => void this.#renew(), BACKGROUND)
  }

  async #renew(): Promise<void> {
    const { name } = this.#lock
    const { clock, emit, random } = this.#engine
    const { renew, short, ttlMs } = this.#grant
    const restMs = short && !renew ? Math.floor(short.endsAtMs - clock.now()) : ttlMs
    if (restMs < 1) return
    try {
      if (await this.#lock.renew(restMs)) emit({ type: 'renewed', name })
    } catch (error) {
      if (this.#stopped) return
      emit({ type: 'store-error', name, error: error as Error })
      const limits = { firstMs: ttlMs / 30, maxMs: ttlMs / 6 }
      const nowMs = clock.now()
      this.#armAt(nowMs + backoffMs(this.#failures++, limits, random), nowMs)
    }
  }
}
