import { isLocksError } from '@locks/core'
import type { HerdCache } from '@locks/herd-cache'
import type { SimClient } from '../fleet/sim-client.ts'
import type { Dice } from '../time/dice.ts'
import type { StreamAudit } from './stream-audit.ts'
import type { StreamItem } from './stream-origin.ts'
import type { StreamPlan } from './stream-plan.ts'

/** Thrown by loaders on purpose. */
class LoaderError extends Error {}

/** One reader of the streams of one cache, who now and then deletes one. */
export class StreamWorker {
  readonly #client: SimClient
  readonly #cache: HerdCache
  readonly #plan: StreamPlan
  readonly #audit: StreamAudit
  readonly #dice: Dice

  constructor(client: SimClient, cache: HerdCache, plan: StreamPlan, audit: StreamAudit) {
    this.#client = client
    this.#cache = cache
    this.#plan = plan
    this.#audit = audit
    this.#dice = client.world.dice
  }

  async run(): Promise<void> {
    for (let round = 0; round < this.#plan.rounds; round++) {
      await this.#sleep(this.#dice.between(0, this.#plan.thinkMsMax))
      const name = String.fromCharCode(97 + this.#dice.whole(0, this.#plan.keys - 1))
      if (this.#dice.chance(this.#plan.delete)) await this.#delete(name)
      else await this.#read(name)
    }
  }

  async #read(name: string): Promise<void> {
    const { ttlMs, graceMsMax, refresh, leave } = this.#plan
    const key = `sim:c1:{${name}}`
    const rows = this.#cache.memoizeIter(() => this.#load(key), {
      key: () => name,
      ttl: this.#dice.spread(...ttlMs),
      grace: this.#dice.whole(0, graceMsMax),
    })
    const leaveAfter = this.#dice.chance(leave) ? this.#dice.whole(1, 5) : Number.POSITIVE_INFINITY
    const reading = this.#audit.read(this.#client, key)
    try {
      for await (const item of this.#dice.chance(refresh) ? rows.refresh() : rows()) {
        this.#audit.got(reading, item)
        if (reading.items.length >= leaveAfter) return this.#audit.left(reading)
        await this.#pause()
      }
      this.#audit.ended(reading)
    } catch (error) {
      const code = error instanceof LoaderError ? undefined : (error as { code?: string }).code
      this.#audit.failed(reading, code, String(error))
    }
  }

  async *#load(key: string): AsyncGenerator<StreamItem, void, void> {
    const count = this.#dice.whole(0, this.#plan.itemsMax)
    const fails = this.#dice.chance(this.#plan.loadFails)
    const failsAt = fails ? this.#dice.whole(0, count) : Number.POSITIVE_INFINITY
    const origin = this.#audit.load(this.#client, key, count)
    this.#client.believes++
    try {
      for (let index = 0; index <= count; index++) {
        await this.#pause()
        if (index === failsAt) throw new LoaderError('fails')
        if (index < count) yield { origin: origin.id, index }
      }
      origin.isWhole = true
    } finally {
      this.#client.believes--
    }
  }

  async #delete(name: string): Promise<void> {
    const removal = this.#audit.remove(`sim:c1:{${name}}`)
    try {
      await this.#cache.delete(name)
      this.#audit.removed(removal)
    } catch (error) {
      if (!isLocksError(error) || error.code !== 'STORE_UNAVAILABLE') throw error
    }
  }

  #pause(): Promise<void> {
    const { itemMsMax } = this.#plan
    return itemMsMax > 0 ? this.#sleep(this.#dice.between(0, itemMsMax)) : Promise.resolve()
  }

  #sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.#client.clock.after(delayMs, resolve))
  }
}
