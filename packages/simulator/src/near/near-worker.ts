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
      await this.#step(name)
    }
  }

  #step(name: string): Promise<void> {
    const { set, delete: remove, invalidate, clear } = this.#plan
    let roll = this.#dice.fraction()
    const hit = (chance: number) => {
      roll -= chance
      return roll < 0
    }
    if (hit(set)) return this.#change(name, true)
    if (hit(remove)) return this.#change(name, false)
    return hit(invalidate + clear) ? this.#end() : this.#get(name)
  }

  async #get(name: string): Promise<void> {
    const look = this.#audit.look(this.#client, keyOf(name))
    const { l1Hits } = this.#cache.stats()
    const getting = this.#cache.get<{ readonly value: number }>(name)
    const isNear = this.#cache.stats().l1Hits > l1Hits
    this.#audit.got(look, (await getting)?.value, isNear)
  }

  /** Whatever is there now. */
  async #end(): Promise<void> {
    const ended = this.#audit.ends(this.#client)
    const { invalidate } = this.#plan
    await ifAvailable(
      invalidate > 0 ? this.#cache.invalidateTags(TAGS) : this.#cache.clear(),
      ended,
    )
  }

  async #change(name: string, sets: boolean): Promise<void> {
    const { invalidate } = this.#plan
    const options = { ttl: '1h', ...(invalidate > 0 && { tags: TAGS }) } as const
    const changing = sets
      ? this.#cache.set(name, { value: this.#audit.value() }, options)
      : this.#cache.delete(name)
    await ifAvailable(changing, () => this.#audit.changed(this.#client, keyOf(name)))
  }

  #think(): Promise<void> {
    const delayMs = this.#dice.between(0, this.#plan.thinkMsMax)
    return new Promise((resolve) => this.#client.clock.after(delayMs, resolve))
  }
}

const TAGS = ['t']

async function ifAvailable(changing: Promise<unknown>, changed: () => void): Promise<void> {
  try {
    await changing
    changed()
  } catch (error) {
    if (!isLocksError(error) || error.code !== 'STORE_UNAVAILABLE') throw error
  }
}

const keyOf = (name: string): string => `sim:c1:{${name}}`
