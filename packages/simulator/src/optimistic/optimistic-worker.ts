import { isLocksError, type OptimisticValue } from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'
import type { Dice } from '../time/dice.ts'
import type { Link, Reading } from './change.ts'
import type { OptimisticAudit } from './optimistic-audit.ts'
import type { OptimisticPlan } from './optimistic-plan.ts'

type Open = (name: string) => Promise<OptimisticValue<Link>>

/** Reads values and changes them, each change on top of what it has seen. */
export class OptimisticWorker {
  readonly #client: SimClient
  readonly #open: Open
  readonly #plan: OptimisticPlan
  readonly #audit: OptimisticAudit
  readonly #dice: Dice

  constructor(client: SimClient, open: Open, plan: OptimisticPlan, audit: OptimisticAudit) {
    this.#client = client
    this.#open = open
    this.#plan = plan
    this.#audit = audit
    this.#dice = client.world.dice
  }

  async run(): Promise<void> {
    for (let round = 0; round < this.#plan.rounds; round++) {
      await this.#think()
      await this.#round(String.fromCharCode(97 + this.#dice.whole(0, this.#plan.names - 1)))
    }
  }

  async #round(name: string): Promise<void> {
    let value: OptimisticValue<Link>
    try {
      value = await this.#open(name)
    } catch (error) {
      if (isLocksError(error) && error.code === 'STORE_UNAVAILABLE') return
      throw error
    }
    const reading = this.#audit.read(this.#client, `locks:o1:{${name}}`, value.value)
    let changing: Promise<boolean> = Promise.resolve(true)
    for (let count = this.#dice.whole(1, 3); count > 0; count--) {
      changing = this.#change(value, reading)
      if (this.#dice.chance(this.#plan.atOnce)) continue
      if (!(await changing)) return
      await this.#think()
    }
    await changing
  }

  /** Whether it makes sense to go on with this reading. */
  async #change(value: OptimisticValue<Link>, reading: Reading): Promise<boolean> {
    const change = this.#audit.change(reading)
    try {
      await value.cas({ id: change.id, after: value.value?.id }, { ttl: '1d' })
      this.#audit.confirmed(change, value.value)
      return true
    } catch (error) {
      if (!isLocksError(error)) throw error
      this.#audit.refused(change, error)
      return error.code === 'STORE_UNAVAILABLE'
    }
  }

  #think(): Promise<void> {
    const delayMs = this.#dice.between(0, this.#plan.thinkMsMax)
    return new Promise((resolve) => this.#client.clock.after(delayMs, resolve))
  }
}
