import {
  type AcquireOptions,
  isLocksError,
  type Lock,
  type LockGrant,
  type Locks,
  type LocksError,
} from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'
import type { Dice } from '../time/dice.ts'
import { holdLock } from './hold-lock.ts'
import type { Asked } from './lock-audit.ts'
import type { LockJob } from './lock-job.ts'
import { drawShare } from './share.ts'
import type { Tenure } from './tenure.ts'

/** One caller: asks for locks, works under them, gives them back. */
export class LockWorker {
  readonly client: SimClient
  readonly #locks: Locks
  readonly #job: LockJob
  readonly #dice: Dice

  constructor(client: SimClient, locks: Locks, job: LockJob) {
    this.client = client
    this.#locks = locks
    this.#job = job
    this.#dice = client.world.dice
  }

  async run(): Promise<void> {
    const { plan, idleUntilMs } = this.#job
    for (let round = 0; round < plan.rounds && !this.client.closing; round++) {
      await this.#sleep(this.#dice.between(0, plan.thinkMsMax))
      await this.#round()
      if (round === 0) await this.#sleepUntil(idleUntilMs)
    }
  }

  async #round(): Promise<void> {
    const { plan } = this.#job
    const dice = this.#dice
    if (dice.chance(plan.close) && !this.client.closing) return this.close()
    const name = String.fromCharCode(97 + dice.whole(0, plan.names - 1))
    const patienceMs = dice.pick([-1, 0, dice.spread(10, 400), dice.spread(300, 3000), Infinity])
    const share = drawShare(dice, plan)
    const isWhole = share.name === 'exclusive' || share.name === 'writer'
    const steals = isWhole && plan.steal > 0 && dice.chance(plan.steal)
    const waitMs = steals ? Math.min(patienceMs, 0) : patienceMs
    const asked = { client: this.client, key: `locks:l1:{${name}}`, waitMs, share }
    const settings = { ...this.#drawSettings(), steals }
    const options: AcquireOptions = {
      ttl: settings.ttlMs,
      grace: settings.graceMs,
      renew: settings.renew,
      ...(settings.maxHoldMs && { maxHold: settings.maxHoldMs }),
      ...share.options,
      ...(steals && { steal: true }),
      ...(waitMs >= 0 && { wait: waitMs }),
    }
    await (dice.chance(plan.request)
      ? this.#request(name, asked, options, settings)
      : this.#acquire(name, asked, options, settings))
  }

  /** After its way from one process to another. */
  async adopt(grant: LockGrant, { key, share }: Tenure): Promise<void> {
    const { audit } = this.#job
    await this.#sleep(this.#dice.spread(1, 600))
    if (this.client.closing) return
    const call = audit.call({ client: this.client, key, share, waitMs: -1 })
    const settings = { ...this.#drawSettings(), steals: false }
    const { ttlMs: ttl, graceMs: grace, renew, maxHoldMs: maxHold } = settings
    const options = { ttl, grace, renew, ...(maxHold && { maxHold }) }
    let lock: Lock
    try {
      lock = await this.#locks.adopt(JSON.parse(JSON.stringify(grant)), options)
    } catch (error) {
      audit.notAdopted(call, grant, error as LocksError)
      return
    }
    await holdLock(audit.adopted(call, grant, lock, settings), this.#job, true)
  }

  async close(): Promise<void> {
    const { audit } = this.#job
    audit.closing(this.client)
    await this.#locks.close()
    audit.closed(this.client)
  }

  async #acquire(name: string, asked: Asked, options: AcquireOptions, settings: Settings) {
    const { audit } = this.#job
    const call = audit.call(asked)
    const abort = this.#abortLater(() => {
      call.interrupted = true
    })
    let lock: Lock | null
    try {
      lock = await (asked.waitMs < 0
        ? this.#locks.tryAcquire(name, { ...options, ...abort })
        : this.#locks.acquire(name, { ...options, ...abort }))
    } catch (error) {
      audit.refused(call, error as LocksError)
      return
    }
    if (!lock) audit.refused(call, null)
    else await holdLock(audit.granted(call, lock, settings), this.#job, true)
  }

  async #request(name: string, asked: Asked, options: AcquireOptions, settings: Settings) {
    const { audit } = this.#job
    const call = audit.call(asked)
    let tenure: Tenure | undefined
    const callback = async (lock: Lock | null) => {
      if (!lock) return audit.refused(call, null)
      tenure = audit.granted(call, lock, settings)
      await holdLock(tenure, this.#job, false)
    }
    try {
      if (asked.waitMs < 0) {
        await this.#locks.request(name, { ...options, ifAvailable: true }, callback)
      } else {
        await this.#locks.request(name, options, callback)
      }
      if (tenure) audit.completed(tenure)
    } catch (error) {
      if (!tenure) audit.refused(call, error as LocksError)
      else if (!isLocksError(error) || error.code !== 'LOCK_LOST') throw error
    }
  }

  #drawSettings(): Omit<Settings, 'steals'> {
    const { plan } = this.#job
    const dice = this.#dice
    const renew = dice.chance(plan.renew)
    return {
      ttlMs: dice.spread(...plan.ttlMs),
      graceMs: dice.whole(0, plan.graceMsMax),
      renew,
      maxHoldMs: dice.chance(plan.maxHold) ? dice.spread(10, 3000) : undefined,
      steady: renew,
      touched: false,
      trusts: dice.chance(plan.trustSignal) ? 'signal' : 'held',
    }
  }

  #abortLater(interrupt: () => void): { signal?: AbortSignal } {
    if (!this.#dice.chance(this.#job.plan.abort)) return {}
    const controller = new AbortController()
    this.client.clock.after(this.#dice.spread(1, 1000), () => {
      interrupt()
      controller.abort()
    })
    return { signal: controller.signal }
  }

  async #sleepUntil(atMs: number): Promise<void> {
    const leftMs = atMs - this.client.world.nowMs
    if (leftMs > 0) await this.#sleep(leftMs)
  }

  #sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.client.clock.after(delayMs, resolve))
  }
}

type Settings = Pick<
  Tenure,
  'ttlMs' | 'graceMs' | 'renew' | 'steals' | 'maxHoldMs' | 'steady' | 'touched' | 'trusts'
>
