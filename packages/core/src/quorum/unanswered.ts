import type { Clock } from '../clock.ts'
import type { Sent } from '../lock/lease-client.ts'

/** Commands of one token to one node that have no answer: each may still run, and set its TTL. */
export class Unanswered {
  readonly #clock: Clock
  /** Those within their deadline. */
  readonly #open = new Map<Sent<unknown>, number>()
  /** Those whose deadline is over, as one. */
  #doubt: { readonly ttlMs: number; readonly overAtMs: number } | undefined
  /** Acquires: unlike an extend, one that runs late makes a holder of nobody. */
  readonly #acquires = new Set<Sent<unknown>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /**
   * Adds a command that sets `ttlMs`. @returns the TTL that its answer may be believed for at most: an
   * earlier one can run right behind it.
   */
  add(sent: Sent<unknown>, ttlMs: number): number {
    if (this.#doubt && sent.sentAtMs > this.#doubt.overAtMs) this.#doubt = undefined
    const leastMs = Math.min(this.#doubt?.ttlMs ?? Infinity, ...this.#open.values())
    this.#open.set(sent, ttlMs)
    Promise.resolve(sent.reply).then(
      () => this.#open.delete(sent),
      () => {
        this.#open.delete(sent)
        const { ttlMs: least = ttlMs, overAtMs: last = 0 } = this.#doubt ?? {}
        this.#doubt = { ttlMs: Math.min(least, ttlMs), overAtMs: Math.max(last, sent.overAtMs) }
      },
    )
    return leastMs
  }

  /** Settles with those within their deadline that would make a lease of `ttlMs` shorter; if any. */
  shorterThan(ttlMs: number): Promise<unknown> | undefined {
    const shorter = [...this.#open].filter(([, setMs]) => setMs < ttlMs)
    return shorter.length > 0 ? Promise.allSettled(shorter.map(([{ reply }]) => reply)) : undefined
  }

  /** Adds an acquire. @returns as `add`. */
  addAcquire(sent: Sent<unknown>, ttlMs: number): number {
    this.#acquires.add(sent)
    // An error does not tell whether the node still reads what was sent.
    Promise.resolve(sent.outcome).then(
      () => this.#acquires.delete(sent),
      () => {},
    )
    return this.add(sent, ttlMs)
  }

  /** An acquire may still run. */
  get mayAcquire(): boolean {
    for (const sent of this.#acquires) {
      if (sent.overAtMs < this.#clock.now()) this.#acquires.delete(sent)
    }
    return this.#acquires.size > 0
  }

  /** All acquires that may still run, as one; `undefined` = none. */
  acquires(): Sent<unknown> | undefined {
    if (!this.mayAcquire) return undefined
    const all = [...this.#acquires]
    const [first] = all
    if (!first || all.length === 1) return first
    const outcome = Promise.all(all.map((sent) => sent.outcome))
    outcome.catch(() => {})
    return { ...first, overAtMs: Math.max(...all.map(({ overAtMs }) => overAtMs)), outcome }
  }
}
