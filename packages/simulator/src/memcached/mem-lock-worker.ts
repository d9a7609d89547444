import type { AcquireOptions, Lock, Locks, LocksError } from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'
import type { Call } from '../locks/call-check.ts'
import { ignoringOutages } from '../locks/ignoring-outages.ts'
import type { Dice } from '../time/dice.ts'
import type { MemLockAudit } from './mem-lock-audit.ts'
import type { MemLockPlan } from './mem-lock-plan.ts'
import type { MemTenure } from './mem-tenure.ts'

/** One caller: asks for locks on memcached, works under them, gives them back. */
export class MemLockWorker {
  readonly #client: SimClient
  readonly #locks: Locks
  readonly #plan: MemLockPlan
  readonly #audit: MemLockAudit
  readonly #dice: Dice

  constructor(client: SimClient, locks: Locks, plan: MemLockPlan, audit: MemLockAudit) {
    this.#client = client
    this.#locks = locks
    this.#plan = plan
    this.#audit = audit
    this.#dice = client.world.dice
  }

  async run(): Promise<void> {
    for (let round = 0; round < this.#plan.rounds && !this.#client.closing; round++) {
      await this.#sleep(this.#dice.between(0, this.#plan.thinkMsMax))
      if (this.#dice.chance(this.#plan.close) && !this.#client.closing) await this.#close()
      else await this.#round()
    }
  }

  async #round(): Promise<void> {
    const dice = this.#dice
    const name = String.fromCharCode(97 + dice.whole(0, this.#plan.names - 1))
    const waitMs = dice.pick([-1, 0, dice.spread(10, 400), dice.spread(300, 5000), Infinity])
    const ttlMs = dice.spread(...this.#plan.ttlMs)
    const graceMs = dice.whole(0, this.#plan.graceMsMax)
    const steady = dice.chance(this.#plan.renew)
    const call = this.#audit.call(this.#client, `locks:l1:{${name}}`, waitMs)
    const options = { ttl: ttlMs, grace: graceMs, renew: steady, ...this.#abort(call) }
    const lock = await this.#acquire(call, name, options)
    if (!lock) return
    await this.#hold(this.#audit.granted(call, lock, { ttlMs, graceMs, steady }))
  }

  async #acquire(call: Call, name: string, options: AcquireOptions): Promise<Lock | null> {
    const { waitMs } = call
    try {
      const lock = await (waitMs < 0
        ? this.#locks.tryAcquire(name, options)
        : this.#locks.acquire(name, { ...options, wait: waitMs }))
      if (!lock) this.#audit.refused(call, null)
      return lock
    } catch (error) {
      this.#audit.refused(call, error as LocksError)
      return null
    }
  }

  async #hold(tenure: MemTenure): Promise<void> {
    const dice = this.#dice
    const { lock, ttlMs } = tenure
    const isRenewed = tenure.steady
    for (let step = dice.whole(0, 3); step > 0 && lock.held; step--) {
      await this.#sleep(dice.spread(1, Math.min(1500, ttlMs * 1.3)))
      if (!dice.chance(this.#plan.extend)) continue
      tenure.steady = false
      await ignoringOutages(() =>
        dice.chance(0.3) ? lock.verify() : lock.extend(dice.spread(10, 3 * ttlMs)),
      )
    }
    // Forgotten: without renewal it ends by itself.
    if (isRenewed || dice.chance(0.9)) await ignoringOutages(() => lock.release())
  }

  async #close(): Promise<void> {
    this.#audit.closing(this.#client)
    await this.#locks.close()
  }

  #abort(call: Call): { signal?: AbortSignal } {
    if (!this.#dice.chance(this.#plan.abort)) return {}
    const controller = new AbortController()
    this.#client.clock.after(this.#dice.spread(1, 2000), () => {
      call.interrupted = true
      controller.abort()
    })
    return { signal: controller.signal }
  }

  #sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.#client.clock.after(delayMs, resolve))
  }
}
