import type { Lock, Locks, LocksError } from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'
import type { QuorumPlan } from './quorum-plan.ts'

export const GRACE_MS_MAX = 100

type WorkPlan = Pick<QuorumPlan, 'rounds' | 'thinkMsMax' | 'names' | 'ttlMs' | 'renew' | 'extend'>

/** Who looks on. */
interface WorkAudit {
  asking(client: SimClient): void
  granted(client: SimClient, key: string, lock: Lock): void
  refused(client: SimClient, error: LocksError): void
  released(lock: Lock, outcome: Promise<boolean>): void
}

/** One caller of locks on several servers: asks, works under the lock, gives it back. */
export class QuorumWorker {
  readonly #client: SimClient
  readonly #locks: Locks
  readonly #plan: WorkPlan
  readonly #audit: WorkAudit

  constructor(client: SimClient, locks: Locks, plan: WorkPlan, audit: WorkAudit) {
    this.#client = client
    this.#locks = locks
    this.#plan = plan
    this.#audit = audit
  }

  async run(): Promise<void> {
    const { dice } = this.#client.world
    for (let round = 0; round < this.#plan.rounds; round++) {
      await this.#sleep(dice.between(0, this.#plan.thinkMsMax))
      await this.#round()
    }
  }

  async #round(): Promise<void> {
    const { dice } = this.#client.world
    const { names, renew, ttlMs } = this.#plan
    const name = String.fromCharCode(97 + dice.whole(0, names - 1))
    const ttl = Math.floor(dice.spread(...ttlMs))
    const grace = dice.whole(0, GRACE_MS_MAX)
    const wait = dice.pick([0, dice.whole(10, 400), dice.whole(300, 3000)])
    this.#audit.asking(this.#client)
    let lock: Lock
    try {
      lock = await this.#locks.acquire(name, { ttl, grace, wait, renew: dice.chance(renew) })
    } catch (error) {
      this.#audit.refused(this.#client, error as LocksError)
      return
    }
    this.#audit.granted(this.#client, `locks:l1:{${name}}`, lock)
    await this.#hold(lock, ttl)
  }

  async #hold(lock: Lock, ttlMs: number): Promise<void> {
    const { dice } = this.#client.world
    for (let step = dice.whole(0, 4); step > 0 && lock.held; step--) {
      await this.#sleep(dice.spread(1, Math.min(1000, ttlMs * 1.3)))
      if (!dice.chance(this.#plan.extend)) continue
      const extendMs = dice.chance(0.5) ? ttlMs : dice.whole(Math.min(60, ttlMs), ttlMs)
      await lock.extend(extendMs).catch(() => false)
    }
    const released = lock.release()
    this.#audit.released(lock, released)
    await released.catch(() => false)
  }

  #sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.#client.clock.after(delayMs, resolve))
  }
}
