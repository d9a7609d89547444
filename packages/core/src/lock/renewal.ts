import { backoffMs } from '../backoff.ts'
import type { CancelTimer } from '../clock.ts'
import type { Engine } from './engine.ts'

/** What a renewal works on. */
interface Renewable {
  readonly name: string
  extend(): Promise<boolean>
}

/**
 * Extends a lock each ttl/3 for as long as it is held. A definite "not yours" ends the lock inside
 * `extend`; anything else is repeated, and the lock's own deadline decides.
 */
export class Renewal {
  readonly #engine: Engine
  readonly #lock: Renewable
  readonly #ttlMs: number
  #cancel: CancelTimer = () => {}
  #stopped = false
  #failures = 0

  constructor(engine: Engine, lock: Renewable, ttlMs: number) {
    this.#engine = engine
    this.#lock = lock
    this.#ttlMs = ttlMs
  }

  /** The last renewal had no answer. */
  get failing(): boolean {
    return this.#failures > 0
  }

  /** Counts from the deadline and not from now: a lock that its owner extended far needs none soon. */
  schedule(deadlineMs: number): void {
    if (this.#stopped) return
    this.#failures = 0
    this.#arm(deadlineMs - (this.#ttlMs * 2) / 3 - this.#engine.clock.now())
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  #arm(delayMs: number): void {
    this.#cancel()
    const fire = () => void this.#renew()
    this.#cancel = this.#engine.clock.after(Math.max(0, delayMs), fire, { background: true })
  }

  async #renew(): Promise<void> {
    const { name } = this.#lock
    try {
      const renewed = await this.#lock.extend()
      if (renewed) this.#engine.emit({ type: 'renewed', name })
    } catch (error) {
      if (this.#stopped) return
      this.#engine.emit({ type: 'store-error', name, error: error as Error })
      const limits = { firstMs: this.#ttlMs / 30, maxMs: this.#ttlMs / 6 }
      this.#arm(backoffMs(this.#failures++, limits, this.#engine.random))
    }
  }
}
