import type { Locks, Term } from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'
import type { Campaign } from './campaign.ts'
import type { ElectionAudit } from './election-audit.ts'
import type { ElectionPlan } from './election-plan.ts'

/** What the work of a leader fails with. */
class WorkError extends Error {}

/** Campaigns for a while, and does what leaders do. */
export class Candidate {
  readonly #client: SimClient
  readonly #locks: Locks
  readonly #plan: ElectionPlan
  readonly #audit: ElectionAudit

  constructor(client: SimClient, locks: Locks, plan: ElectionPlan, audit: ElectionAudit) {
    this.#client = client
    this.#locks = locks
    this.#plan = plan
    this.#audit = audit
  }

  async run(): Promise<void> {
    const { dice } = this.#client.world
    for (let round = 0; round < this.#plan.rounds; round++) {
      await this.#sleep(dice.between(0, 100))
      await this.#campaign()
    }
  }

  async #campaign(): Promise<void> {
    const { ttlMs, graceMs, renew, trustSignal } = this.#plan
    const { dice } = this.#client.world
    const controller = new AbortController()
    const campaign = this.#audit.campaign(
      this.#client,
      dice.chance(trustSignal) ? 'signal' : 'held',
    )
    this.#client.clock.after(dice.spread(300, 6000), () => {
      campaign.stopping = true
      controller.abort()
    })
    const options = {
      ttl: ttlMs,
      grace: graceMs,
      renew: dice.chance(renew),
      signal: controller.signal,
    }
    try {
      await this.#locks.elect('a', options, (term) => this.#lead(campaign, term))
    } catch (error) {
      if (!(error instanceof WorkError)) throw error
      this.#audit.failed(campaign)
    }
    this.#audit.over(campaign)
  }

  async #lead(campaign: Campaign, term: Term): Promise<void> {
    const { dice } = this.#client.world
    this.#audit.elected(campaign, term)
    const trustsSignal = campaign.trusts === 'signal'
    const believes = () => !term.signal.aborted && (trustsSignal || term.held)
    for (let step = dice.whole(0, 8); step > 0 && believes(); step--) {
      await this.#sleep(dice.spread(1, 600))
    }
    // It takes a while to stop.
    if (term.signal.aborted && dice.chance(0.5)) await this.#sleep(dice.spread(1, 800))
    this.#audit.done(campaign, term)
    if (dice.chance(this.#plan.fail)) throw new WorkError('the work failed')
  }

  #sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.#client.clock.after(delayMs, resolve))
  }
}
