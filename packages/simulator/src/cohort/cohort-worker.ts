import {
  type AcquireOptions,
  isLocksError,
  type Lock,
  type Locks,
  type LocksError,
} from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'
import { ignoringOutages } from '../locks/ignoring-outages.ts'
import type { Asked } from '../locks/lock-audit.ts'
import type { Tenure } from '../locks/tenure.ts'
import type { Dice } from '../time/dice.ts'
import type { CohortAudit } from './cohort-audit.ts'
import { cohortKeys } from './cohort-keys.ts'
import type { CohortPlan } from './cohort-plan.ts'

const EXCLUSIVE = { name: 'exclusive', units: 1, capacity: 1, options: {} } as const

export interface CohortJob {
  readonly plan: CohortPlan
  readonly audit: CohortAudit
  /** What ends the calls that wait in this client, oldest first. */
  readonly aborts: Set<() => void>
  readonly idleUntilMs: number
}

/** One of many callers in a process that want the same few names. */
export class CohortWorker {
  readonly client: SimClient
  readonly #locks: Locks
  readonly #job: CohortJob
  readonly #dice: Dice

  constructor(client: SimClient, locks: Locks, job: CohortJob) {
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
      const leftMs = idleUntilMs - this.client.world.nowMs
      if (round === 0 && leftMs > 0) await this.#sleep(leftMs)
    }
  }

  async #round(): Promise<void> {
    const { plan, audit } = this.#job
    const dice = this.#dice
    if (dice.chance(plan.close) && !this.client.closing) return this.#close()
    const key = dice.pick(cohortKeys(plan) as [string])
    const name = key.slice(-2, -1)
    const steals = dice.chance(plan.steal)
    const patienceMs = dice.chance(plan.shortWait) ? dice.spread(5, 500) : 60_000
    const waitMs = steals ? 0 : patienceMs
    const settings = this.#drawSettings(steals)
    const options: AcquireOptions = {
      ttl: settings.ttlMs,
      grace: settings.graceMs,
      renew: settings.renew,
      wait: waitMs,
      fair: this.#drawFairness(),
      ...(settings.maxHoldMs && { maxHold: settings.maxHoldMs }),
      ...(steals && { steal: true }),
    }
    const asked = { client: this.client, key, waitMs, share: EXCLUSIVE }
    if (dice.chance(plan.request)) return this.#request(name, asked, options, settings)
    const call = audit.call(asked)
    const controller = new AbortController()
    const abort = () => {
      call.interrupted = true
      controller.abort()
    }
    this.#job.aborts.add(abort)
    if (dice.chance(plan.abort)) this.client.clock.after(dice.spread(1, 500), abort)
    let lock: Lock
    try {
      lock = await this.#locks.acquire(name, { ...options, signal: controller.signal })
    } catch (error) {
      audit.refused(call, error as LocksError)
      return
    } finally {
      this.#job.aborts.delete(abort)
    }
    await this.#hold(audit.granted(call, lock, settings), true)
  }

  async #request(name: string, asked: Asked, options: AcquireOptions, settings: Settings) {
    const { audit } = this.#job
    const call = audit.call(asked)
    let tenure: Tenure | undefined
    try {
      await this.#locks.request(name, options, async (lock) => {
        tenure = audit.granted(call, lock, settings)
        await this.#hold(tenure, false)
      })
      if (tenure) audit.completed(tenure)
    } catch (error) {
      if (!tenure) audit.refused(call, error as LocksError)
      else if (!isLocksError(error) || error.code !== 'LOCK_LOST') throw error
    }
  }

  async #hold(tenure: Tenure, releases: boolean): Promise<void> {
    const { plan, audit } = this.#job
    const { lock } = tenure
    const dice = this.#dice
    const longest = dice.chance(plan.longSection) ? 1.2 * plan.ttlMs : plan.sectionMsMax
    if (longest > 0 && dice.chance(0.8)) await this.#sleep(dice.between(0, longest))
    if (dice.chance(plan.extend)) await ignoringOutages(() => this.#extend(tenure))
    if (dice.chance(plan.handover) && lock.held) {
      const { fence } = audit.handOver(tenure)
      if (fence !== lock.fence) this.client.world.violate('P6', `${fence} is not its ${lock.fence}`)
    } else if (releases) await ignoringOutages(() => this.#release(tenure))
  }

  async #extend(tenure: Tenure): Promise<unknown> {
    const { lock, ttlMs } = tenure
    const dice = this.#dice
    tenure.touched = true
    tenure.steady = false
    const extended = lock.extend(dice.pick([dice.spread(10, ttlMs), dice.spread(ttlMs, 3 * ttlMs)]))
    // The release may come while it is on its way, or even before it is sent.
    if (!dice.chance(0.5)) return extended
    return Promise.all([extended, lock.extend(dice.spread(10, ttlMs)), this.#release(tenure)])
  }

  async #release(tenure: Tenure): Promise<void> {
    const { plan, audit, aborts } = this.#job
    const { lock } = tenure
    const dice = this.#dice
    const { held } = lock
    const released = dice.chance(plan.coolDown)
      ? audit.coolDown(tenure, dice.spread(1, 2 * tenure.ttlMs))
      : lock.release()
    const [abort] = aborts
    if (abort && held && dice.chance(plan.abortBehind)) abort()
    await released
    if (dice.chance(plan.useReleased)) await audit.useReleased(lock)
  }

  async #close(): Promise<void> {
    const { audit } = this.#job
    audit.closing(this.client)
    await this.#locks.close()
    audit.closed(this.client)
  }

  #drawFairness(): 'global' | 'process' | false {
    const { plan } = this.#job
    if (this.#dice.chance(plan.global)) return 'global'
    return this.#dice.chance(plan.barging) ? false : 'process'
  }

  #drawSettings(steals: boolean): Settings {
    const { plan } = this.#job
    const dice = this.#dice
    const others = dice.chance(plan.otherTerms)
    const renew = others ? dice.chance(0.5) : plan.renew
    return {
      ttlMs: others ? dice.spread(50, 2000) : plan.ttlMs,
      graceMs: plan.graceMs,
      renew,
      steals,
      maxHoldMs: dice.chance(plan.maxHold) ? dice.spread(10, 1000) : undefined,
      steady: renew,
      touched: false,
      trusts: dice.chance(plan.trustSignal) ? 'signal' : 'held',
    }
  }

  #sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.client.clock.after(delayMs, resolve))
  }
}

type Settings = Pick<
  Tenure,
  'ttlMs' | 'graceMs' | 'renew' | 'steals' | 'maxHoldMs' | 'steady' | 'touched' | 'trusts'
>
