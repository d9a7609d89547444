import type { CancelTimer } from '@locks/core'
import { backoffMs } from '@locks/core/parts'
import type { CacheParts } from './cache-parts.ts'

/**
 * Keeps a load's lease for as long as its loader runs, by a renewal each third of it; one that fails
 * is repeated sooner. Stops at a definite "not yours": the value is then refused at the commit, and
 * the loader's callers still get it.
 */
export class LeaseRenewal {
  readonly #parts: CacheParts
  readonly #key: string
  readonly #token: string
  #cancel: CancelTimer = () => {}
  #stopped = false
  #failures = 0

  constructor(parts: CacheParts, key: string, token: string) {
    this.#parts = parts
    this.#key = key
    this.#token = token
    this.#arm(parts.leaseMs / 3)
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  #arm(delayMs: number): void {
    const fire = () => void this.#renew()
    this.#cancel = this.#parts.clock.after(delayMs, fire, { background: true })
  }

  async #renew(): Promise<void> {
    const { client, emit, leaseMs, random } = this.#parts
    let nextMs = leaseMs / 3
    try {
      if (!(await client.renew(this.#key, this.#token, leaseMs))) return
      this.#failures = 0
    } catch (error) {
      emit({ type: 'store-error', key: this.#key, error: error as Error })
      const limits = { firstMs: leaseMs / 30, maxMs: leaseMs / 6 }
      nextMs = backoffMs(this.#failures++, limits, random)
    }
    if (!this.#stopped) this.#arm(nextMs)
  }
}
