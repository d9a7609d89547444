import type { LossReason } from '../errors.ts'
import { LinkedMap } from '../linked-map.ts'
import type { Engine } from './engine.ts'
import type { Grant } from './grant.ts'
import { Lease } from './lease.ts'

/** What one `Locks` holds, from the grant to the end of each lease. */
export class HeldLeases {
  readonly #engine: Engine
  /** By owner token. */
  readonly #held = new LinkedMap<Lease>()
  /** Tokens that were let go and stay in the store on purpose. */
  readonly #kept = new Set<string>()

  constructor(engine: Engine) {
    this.#engine = engine
  }

  /** `token` is in the store because somebody here wants it to be. */
  holds(token: string): boolean {
    return this.#held.has(token) || this.#kept.has(token)
  }

  /** The greatest fence of what is held here under `key`; 0 = nothing is. */
  fenceOf(key: string): number {
    let greatest = 0
    for (const { grant, fence = 0 } of this.#held.values()) {
      if (grant.key === key && fence > greatest) greatest = fence
    }
    return greatest
  }

  /** Those whose end has not been noticed yet; a copy, since each may end while they are gone through. */
  toArray(): Lease[] {
    return [...this.#held.values()]
  }

  begin(grant: Grant): Lease {
    if (grant.steal) this.#depose(grant)
    const lease = new Lease(this.#engine, grant, this)
    this.#held.set(grant.token, lease)
    return lease
  }

  /** The lease with this token, if it is held here, is another's now, or nobody's. */
  lose(token: string, reason: LossReason): void {
    this.#held.get(token)?.lose(reason)
  }

  /** What was granted to `token` before the thief was is the thief's. */
  stolen(token: string, thiefFence: number): void {
    const { fence = 0 } = this.#held.get(token)?.grant ?? {}
    if (fence < thiefFence) this.lose(token, 'stolen')
  }

  /** The token may stay in the store on purpose, for `keptMs` at most. */
  ended(token: string, keptMs: number): void {
    this.#held.delete(token)
    if (keptMs === 0) return
    this.#kept.add(token)
    this.#engine.clock.after(keptMs, () => this.#kept.delete(token), { background: true })
  }

  /** Whoever held it here need not wait for the push. */
  #depose({ key, fence }: Grant): void {
    this.#engine.thefts.committed(key, fence)
    for (const lease of this.toArray()) if (lease.grant.key === key) lease.lose('stolen')
  }
}
