import { type Clock, type LocksError, type Random, StoreUnavailableError } from '@locks/core'

export interface BreakerLimits {
  /** So many failures in a row open it. */
  readonly failuresMax: number
  /** For how long the store is not asked then. */
  readonly openMs: number
}

export type BreakerState = 'open' | 'half-open' | 'closed'

interface Circumstances {
  readonly clock: Clock
  readonly random: Random
  tell(state: BreakerState): void
}

/**
 * Spares a store that does not answer, and those who would wait for it. After a while one command tries
 * whether it does again, and only if it does are the others sent.
 */
export class Breaker {
  readonly #options: BreakerLimits
  readonly #at: Circumstances
  #state: BreakerState = 'closed'
  #failures = 0
  /** When the latest failure was told: what was sent before is part of it. */
  #failedAtMs = Number.NEGATIVE_INFINITY
  #openUntilMs = 0

  constructor(options: BreakerLimits, circumstances: Circumstances) {
    this.#options = options
    this.#at = circumstances
  }

  /** @throws what `call` throws; StoreUnavailableError, without a call, while the store is not asked. */
  async run<T>(call: () => Promise<T>): Promise<T> {
    const sentAtMs = this.#at.clock.now()
    const isProbe = this.#admit(sentAtMs)
    try {
      const reply = await call()
      this.#succeed(isProbe)
      return reply
    } catch (error) {
      if ((error as LocksError).code === 'STORE_UNAVAILABLE') this.#fail(sentAtMs, isProbe)
      else this.#succeed(isProbe)
      throw error
    }
  }

  /** Whether the command is the one that tries. */
  #admit(nowMs: number): boolean {
    if (this.#state === 'closed') return false
    if (this.#state === 'half-open' || nowMs < this.#openUntilMs)
      throw new StoreUnavailableError('the store is not asked: it has not answered lately')
    this.#enter('half-open')
    return true
  }

  /** The late answer to a command from before says nothing of now. */
  #succeed(isProbe: boolean): void {
    if (this.#state !== 'closed' && !isProbe) return
    this.#failures = 0
    if (isProbe) this.#enter('closed')
  }

  #fail(sentAtMs: number, isProbe: boolean): void {
    if (isProbe) this.#open()
    // One stall fails whatever is under way.
    if (this.#state !== 'closed' || sentAtMs < this.#failedAtMs) return
    this.#failedAtMs = this.#at.clock.now()
    this.#failures++
    if (this.#failures >= this.#options.failuresMax) this.#open()
  }

  /** Not all processes try in the same moment. */
  #open(): void {
    const { clock, random } = this.#at
    this.#openUntilMs = clock.now() + this.#options.openMs * (1 + random.fraction() / 4)
    this.#enter('open')
  }

  #enter(state: BreakerState): void {
    this.#state = state
    this.#at.tell(state)
  }
}
