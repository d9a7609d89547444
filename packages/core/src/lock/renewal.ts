import { backoffMs } from '../backoff.ts'
import type { CancelTimer } from '../clock.ts'
import type { Engine } from './engine.ts'
import type { Grant } from './held-lock.ts'

/** What a renewal works on. */
interface Renewable {
  readonly name: string
  extend(ttlMs?: number): Promise<boolean>
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
  #cancel: CancelTimer = () => {}
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

  start(deadlineMs: number): void {
    this.#armAt(this.#grant.short?.extendAtMs ?? this.#dueAtMs(deadlineMs))
  }

  /** The lease was extended, by this or by its holder. */
  extended(deadlineMs: number): void {
    this.#failures = 0
    if (this.#grant.renew) this.#armAt(this.#dueAtMs(deadlineMs))
    else this.stop()
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  /** Counts from the deadline and not from now: a lock that its holder extended far needs none soon. */
  #dueAtMs(deadlineMs: number): number {
    return deadlineMs - (this.#grant.ttlMs * 2) / 3
  }

  #armAt(dueAtMs: number): void {
    this.#cancel()
    if (this.#stopped) return
    const delayMs = Math.max(0, dueAtMs - this.#engine.clock.now())
    this.#cancel = this.#engine.clock.after(delayMs, () => void this.#renew(), { background: true })
  }

  async #renew(): Promise<void> {
    const { name } = this.#lock
    const { clock, emit, random } = this.#engine
    const { renew, short, ttlMs } = this.#grant
    const restMs = short && !renew ? Math.floor(short.endsAtMs - clock.now()) : ttlMs
    if (restMs < 1) return
    try {
      if (await this.#lock.extend(restMs)) emit({ type: 'renewed', name })
    } catch (error) {
      if (this.#stopped) return
      emit({ type: 'store-error', name, error: error as Error })
      const limits = { firstMs: ttlMs / 30, maxMs: ttlMs / 6 }
      this.#armAt(clock.now() + backoffMs(this.#failures++, limits, random))
    }
  }
}
