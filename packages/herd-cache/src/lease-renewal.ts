import type { CancelTimer } from '@locks/core'
import type { CacheParts } from './cache-parts.ts'

/**
 * Keeps a load's lease for as long as its loader runs, by a renewal each third of it. Stops at a
 * definite "not yours": the value is then refused at the commit, and the loader's callers still get it.
 */
export class LeaseRenewal {
  readonly #parts: CacheParts
  readonly #key: string
  readonly #token: string
  #cancel: CancelTimer = () => {}
  #stopped = false

  constructor(parts: CacheParts, key: string, token: string) {
    this.#parts = parts
    this.#key = key
    this.#token = token
    this.#arm()
  }

  stop(): void {
    this.#stopped = true
    this.#cancel()
  }

  #arm(): void {
    const { clock, leaseMs } = this.#parts
    this.#cancel = clock.after(leaseMs / 3, () => void this.#renew(), { background: true })
  }

  async #renew(): Promise<void> {
    const { client, emit, leaseMs } = this.#parts
    let mine = true
    try {
      mine = await client.renew(this.#key, this.#token, leaseMs)
    } catch (error) {
      emit({ type: 'store-error', key: this.#key, error: error as Error })
    }
    if (mine && !this.#stopped) this.#arm()
  }
}
