import { isLocksError } from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'
import type { Dice } from '../time/dice.ts'
import type { CacheAudit } from './cache-audit.ts'
import type { CachePlan } from './cache-plan.ts'
import { valueFrom } from './origin.ts'
import type { UsedCache } from './record-cache.ts'

export interface CacheJob {
  readonly plan: CachePlan
  readonly audit: CacheAudit
  readonly idleUntilMs: number
  /** Of a tag; `false` while a repeated command may be under way. */
  readonly evict: (tag: string) => boolean
}

type Value = { readonly origin: number } | undefined

/** Thrown by loaders on purpose. */
class LoaderError extends Error {}

/** One caller of one cache: fetches values, and now and then sets or deletes one. */
export class CacheWorker {
  readonly #client: SimClient
  readonly #cache: UsedCache
  readonly #job: CacheJob
  readonly #dice: Dice

  constructor(client: SimClient, cache: UsedCache, job: CacheJob) {
    this.#client = client
    this.#cache = cache
    this.#job = job
    this.#dice = client.world.dice
  }

  async run(): Promise<void> {
    const { plan, idleUntilMs } = this.#job
    for (let round = 0; round < plan.rounds && !this.#client.closing; round++) {
      await this.#sleep(this.#dice.between(0, plan.thinkMsMax))
      if (!this.#client.closing) await this.#round()
      if (round === 0) await this.#sleep(Math.max(0, idleUntilMs - this.#client.world.nowMs))
    }
  }

  #round(): Promise<void> {
    const { plan } = this.#job
    const name = nameOf(this.#dice.whole(0, plan.keys - 1))
    let roll = this.#dice.fraction()
    const hit = (chance: number) => {
      roll -= chance
      return roll < 0
    }
    if (hit(plan.close)) return this.#close()
    if (hit(plan.set)) return this.#supersede(name, 'set')
    if (hit(plan.delete)) return this.#supersede(name, 'delete')
    if (hit(plan.expire)) return this.#supersede(name, 'expire')
    if (hit(plan.invalidate)) return this.#endTags(this.#someTags())
    if (hit(plan.clear)) return this.#endTags(undefined)
    if (hit(plan.evict)) return this.#evict()
    const ask = hit(plan.get) ? this.#get.bind(this) : this.#fetch.bind(this)
    return this.#dice.chance(plan.together) ? this.#askAll(ask) : ask(name)
  }

  async #askAll(ask: (name: string) => Promise<void>): Promise<void> {
    const { plan } = this.#job
    await Promise.all(Array.from({ length: plan.keys }, (_, i) => ask(nameOf(i))))
  }

  async #fetch(name: string): Promise<void> {
    const { audit } = this.#job
    const key = keyOf(name)
    const fetch = audit.fetch(this.#client, key)
    try {
      const tags = this.#someTags()
      const load = () => this.#load(key, tags)
      const options = { ...this.#lifetime(), tags }
      const value = await this.#cache.getOrSet<Value>(name, load, options)
      audit.fetched(fetch, value?.origin)
    } catch (error) {
      const failedLoad = /load (\d+) fails/.exec(String(error))
      audit.notFetched(fetch, failedLoad ? Number(failedLoad[1]) : undefined, error)
    }
  }

  async #load(key: string, tags: readonly string[]): Promise<Value> {
    const { audit, plan } = this.#job
    const load = audit.loadStarts(this.#client, key, tags)
    await this.#sleep(this.#dice.spread(...plan.loadMs))
    const failed = this.#dice.chance(plan.loadFails)
    audit.loadEnds(load, failed)
    if (failed) throw new LoaderError(`load ${load.id} fails`)
    return this.#dice.chance(plan.loadsNothing) ? undefined : valueFrom(load)
  }

  async #get(name: string): Promise<void> {
    const calledAtMs = this.#client.world.nowMs
    const value = await this.#cache.get<Value>(name)
    if (value) this.#job.audit.got(this.#client, keyOf(name), calledAtMs, value.origin)
  }

  async #supersede(name: string, kind: 'set' | 'delete' | 'expire'): Promise<void> {
    const { changes } = this.#job.audit
    const tags = this.#someTags()
    const { barrier, origin } = changes.supersede(this.#client, keyOf(name), kind, tags)
    try {
      if (origin) await this.#cache.set(name, valueFrom(origin), { ...this.#lifetime(), tags })
      else if (kind === 'expire') await this.#cache.expire(name, this.#lifetime())
      else await this.#cache.delete(name)
      changes.superseded(barrier, origin, false)
    } catch (error) {
      if (!isLocksError(error) || error.code !== 'STORE_UNAVAILABLE') throw error
      changes.superseded(barrier, origin, true)
    }
  }

  async #endTags(tags: readonly string[] | undefined): Promise<void> {
    const { changes } = this.#job.audit
    const end = changes.endTags(this.#client, tags)
    try {
      if (tags) await this.#cache.invalidateTags(tags)
      else await this.#cache.clear()
      changes.tagsEnded(end, false)
    } catch (error) {
      if (!isLocksError(error) || error.code !== 'STORE_UNAVAILABLE') throw error
      changes.tagsEnded(end, true)
    }
  }

  async #evict(): Promise<void> {
    const { audit, evict } = this.#job
    const tag = this.#dice.pick(['*', ...this.#someTags()])
    if (evict(tag)) audit.evicted(tag)
  }

  #someTags(): readonly string[] {
    const { tags } = this.#job.plan
    return ['t', 'u'].slice(0, tags).filter(() => this.#dice.chance(0.5))
  }

  async #close(): Promise<void> {
    this.#client.closingSinceMs = this.#client.world.nowMs
    await this.#cache.close()
  }

  #lifetime() {
    const { plan } = this.#job
    const grace = this.#dice.whole(0, plan.graceMsMax)
    const staleIfError = grace + this.#dice.whole(0, plan.keptMsMax)
    return { ttl: this.#dice.spread(...plan.ttlMs), grace, staleIfError }
  }

  #sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.#client.clock.after(delayMs, resolve))
  }
}

const nameOf = (index: number): string => String.fromCharCode(97 + index)

const keyOf = (name: string): string => `sim:c1:{${name}}`
