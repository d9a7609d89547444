import type { LockSet, Locks, LocksError } from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'
import { ignoringOutages } from '../locks/ignoring-outages.ts'
import type { Dice } from '../time/dice.ts'
import type { SetAudit } from './set-audit.ts'
import type { SetCall } from './set-call.ts'
import type { SetPlan } from './set-plan.ts'

const NAMES = ['a', 'b', 'c', 'd']
/** Nobody works for so long, with all faults and all who wait before it. */
const PATIENT_MS = 120_000

/** Acquires several names at once, works under them, gives them back. */
export class SetWorker {
  readonly #client: SimClient
  readonly #locks: Locks
  readonly #plan: SetPlan
  readonly #audit: SetAudit
  readonly #dice: Dice

  constructor(client: SimClient, locks: Locks, plan: SetPlan, audit: SetAudit) {
    this.#client = client
    this.#locks = locks
    this.#plan = plan
    this.#audit = audit
    this.#dice = client.world.dice
  }

  async run(): Promise<void> {
    for (let round = 0; round < this.#plan.rounds; round++) {
      await this.#sleep(this.#dice.between(0, 60))
      await this.#round()
    }
  }

  async #round(): Promise<void> {
    const { ttlMs, graceMs, shortWait } = this.#plan
    const dice = this.#dice
    const patient = !dice.chance(shortWait)
    const renew = dice.chance(this.#plan.renew)
    const call = this.#audit.call(this.#client, patient, renew)
    const options = {
      ttl: ttlMs,
      grace: graceMs,
      renew,
      wait: patient ? PATIENT_MS : dice.whole(0, 500),
      ...this.#abortLater(call),
    }
    const names = this.#drawNames()
    let set: LockSet
    try {
      set = await this.#locks.acquireAll(names, options)
    } catch (error) {
      this.#audit.refused(call, error as LocksError)
      return
    }
    this.#audit.granted(call, names, set)
    await this.#hold(call, set)
  }

  async #hold(call: SetCall, set: LockSet): Promise<void> {
    const dice = this.#dice
    for (let step = dice.whole(0, 2); step > 0 && set.held; step--) {
      await this.#sleep(dice.spread(1, 300))
      if (dice.chance(0.2)) await ignoringOutages(() => set.extend())
    }
    // The loss of one has released the others.
    if (set.signal.aborted) return
    await ignoringOutages(() => {
      this.#audit.over(call)
      return set.release()
    })
  }

  #drawNames(): string[] {
    const names = [...NAMES]
    const chosen: string[] = []
    for (let count = this.#dice.whole(2, 3); count > 0; count--) {
      chosen.push(...names.splice(this.#dice.whole(0, names.length - 1), 1))
    }
    return chosen
  }

  #abortLater(call: SetCall): { signal?: AbortSignal } {
    if (!this.#dice.chance(this.#plan.abort)) return {}
    const controller = new AbortController()
    this.#client.clock.after(this.#dice.spread(1, 600), () => {
      call.interrupted = true
      controller.abort()
    })
    return { signal: controller.signal }
  }

  #sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.#client.clock.after(delayMs, resolve))
  }
}
