import { isLocksError } from '@locks/core'
import type { HerdCache } from '@locks/herd-cache'
import type { SimClient } from '../fleet/sim-client.ts'
import type { Dice } from '../time/dice.ts'
import type { NearAudit } from './near-audit.ts'
import type { NearPlan } from './near-plan.ts'

/** Gets values of a cache that keeps them in its process, and now and then sets or deletes one. */
export class NearWorker {
  readonly #client: SimClient
  readonly #cache: HerdCache
  readonly #plan: NearPlan
  readonly #audit: NearAudit
  readonly #dice: Dice

  constructor(client: SimClient, cache: HerdCache, plan: NearPlan, audit: NearAudit) {
    this.#client = client
    this.#cache = cache
    this.#plan = plan
    this.#audit = audit
    this.#dice = client.world.dice
  }

  async run(): Promise<void> {
    for (let round = 0; round < this.#plan.rounds; round++) {
      await this.#think()
      const name = String.fromCharCode(97 + this.#dice.whole(0, this.#plan.keys - 1))
      const roll = this.#dice.fraction()
      if (roll < this.#plan.set) await this.#change(name, true)
      else if (roll < this.#plan.set + this.#plan.delete) await this.#change(name, false)
      else await this.#get(name)
    }
  }

  async #get(name: string): Promise<void> {
    const look = this.#audit.look(this.#client, keyOf(name))
    const { l1Hits } = this.#cache.stats()
    const getting = this.#cache.get<{ readonly value: number }>(name)
    const isNear = this.#cache.stats().l1Hits > l1Hits
    this.#audit.got(look, (await getting)?.value, isNear)
  }

  async #change(name: string, sets: boolean): Promise<void> {
    try {
      if (sets) await this.#cache.set(name, { value: this.#audit.value() }, { ttl: '1h' })
      else await this.#cache.delete(name)
      this.#audit.changed(this.#client, keyOf(name))
    } catch (error) {
      if (!isLocksError(error) || error.code !== 'STORE_UNAVAILABLE') throw error
    }
  }

  #think(): Promise<void> {
    const delayMs = this.#dice.between(0, this.#plan.thinkMsMax)
    return new Promise((resolve) => this.#client.clock.after(delayMs, resolve))
  }
}

const keyOf = (name: string): string => `sim:c1:{${name}}`
