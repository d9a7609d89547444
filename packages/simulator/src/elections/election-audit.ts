import type { AcquireReply, AcquireRequest, PushedGrant, Term } from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'
import type { SimServer } from '../store/sim-server.ts'
import type { ObservedCommand, StoreObserver } from '../store/store-observer.ts'
import type { Tally } from '../tally.ts'
import { EPOCH_MS, type World } from '../time/world.ts'
import type { Campaign } from './campaign.ts'
import type { ElectionPlan } from './election-plan.ts'

const KEY = 'locks:l1:{a}'
/** A waiter asks again so long after the end that it expects. */
const POKE_MS = 32
const NOTHING = () => {}

/**
 * Terms never overlap in belief; a leader is told to stop in time, and keeps its lease until it has
 * stopped; whoever campaigns is elected when nobody leads; a campaign that is over keeps nothing.
 */
export class ElectionAudit implements StoreObserver {
  readonly #world: World
  readonly #server: SimServer
  readonly #tally: Tally
  readonly #plan: ElectionPlan
  readonly #campaigns = new Set<Campaign>()
  /** Owner tokens by the fence that was granted with them. */
  readonly #tokens = new Map<number, string>()
  readonly #clients = new Map<string, SimClient>()
  /** Of terms that were lost: nobody gives those leases back. */
  readonly #lost = new Set<string>()
  /** When a token was first given back. */
  readonly #givenUpAtMs = new Map<string, number>()
  readonly #overAtMs = new Map<SimClient, number>()
  readonly #expectedMs = new Map<SimClient, number>()
  /** When the lease of a term ends in the store, or has ended. */
  readonly #endsMs = new Map<string, number>()
  #freeSinceMs: number | undefined

  constructor(world: World, server: SimServer, tally: Tally, plan: ElectionPlan) {
    this.#world = world
    this.#server = server
    this.#tally = tally
    this.#plan = plan
  }

  sent({ client, op, token }: ObservedCommand): void {
    if (op === 'acquire') this.#clients.set(token, client)
    if (op !== 'release' && op !== 'leave') return
    if (!this.#givenUpAtMs.has(token)) this.#givenUpAtMs.set(token, this.#world.nowMs)
    for (const { term, believed, client: leader } of this.#campaigns) {
      if (term && believed && leader === client && this.#tokenOf(term) === token) {
        this.#world.violate(
          'term',
          `c${client.id} gives ${token} back before its leader has stopped`,
        )
      }
    }
  }

  executed({ op, token }: ObservedCommand, reply: unknown): void {
    const answer = reply as AcquireReply
    this.#tally.add(op, answer.state)
    if (op === 'acquire' && answer.state === 'granted') this.#granted(token, answer.fence)
    this.#planEnd(token)
  }

  answered({ client, op, request }: ObservedCommand, reply: unknown): void {
    const answer = reply as AcquireReply | undefined
    if (op !== 'acquire' || answer?.state !== 'held') return
    if (!(request as AcquireRequest).waiter) return
    this.#expectedMs.set(client, this.#world.nowMs + answer.remainingMs)
  }

  pushed({ token, fence }: PushedGrant): void {
    this.#granted(token, fence)
    this.#planEnd(token)
  }

  campaign(client: SimClient, trusts: Campaign['trusts']): Campaign {
    const waitsSinceMs = this.#world.nowMs
    const campaign: Campaign = {
      client,
      trusts,
      waitsSinceMs,
      stopping: false,
      term: undefined,
      believed: false,
      lost: false,
    }
    this.#campaigns.add(campaign)
    return campaign
  }

  elected(campaign: Campaign, term: Term): void {
    this.#tally.add('terms')
    const { client } = campaign
    if (campaign.term) this.#world.violate('term', `c${client.id} is elected while it leads`)
    if (!term.held) this.#world.violate('P4', `c${client.id} is elected with nothing left of it`)
    campaign.term = term
    campaign.believed = true
    campaign.waitsSinceMs = undefined
    for (const other of this.#campaigns) this.#checkDeposed(other, campaign)
  }

  /** Its callback has stopped. */
  done(campaign: Campaign, term: Term): void {
    campaign.lost = !term.held
    if (campaign.lost) this.#lost.add(this.#tokenOf(term))
    campaign.term = undefined
    campaign.waitsSinceMs = this.#world.nowMs
  }

  /** `elect` has rejected with what the callback has thrown. */
  failed({ client, lost }: Campaign): void {
    this.#tally.add('failed terms')
    if (lost) {
      this.#world.violate('term', `c${client.id} ends its campaign for a term that was lost`)
    }
  }

  over(campaign: Campaign): void {
    this.#campaigns.delete(campaign)
    this.#overAtMs.set(campaign.client, this.#world.nowMs)
  }

  watch(): void {
    const believers: SimClient[] = []
    for (const campaign of this.#campaigns) {
      const { client, term, trusts } = campaign
      if (!term || !client.running) continue
      this.#watchTerm(campaign, term)
      if (trusts === 'held' && campaign.believed) believers.push(client)
    }
    if (believers.length > 1) {
      const who = believers.map(({ id }) => `c${id}`).join(' and ')
      this.#world.violate('P1', `${who} all believe to lead`)
    }
    this.#watchStore()
  }

  #watchTerm(campaign: Campaign, term: Term): void {
    const { client, stopping, trusts } = campaign
    if (stopping && !term.signal.aborted) {
      this.#world.violate('term', `c${client.id} is not told that its campaign is over`)
    }
    this.#watchSignal(client, term)
    // Reading `held` would do what the timer of the signal has to do.
    campaign.believed = trusts === 'signal' ? !term.signal.aborted : term.held
    const token = this.#tokenOf(term)
    const keeps = this.#server.leaseEndMs(KEY, token) !== undefined
    if (trusts === 'held' && campaign.believed && !keeps) {
      this.#world.violate('P1', `c${client.id} believes to lead, and ${token} holds nothing`)
    }
  }

  finish(): void {
    for (const { client } of this.#campaigns) {
      if (!client.crashed) this.#world.violate('wait', `the campaign of c${client.id} hangs`)
    }
  }

  /** The margin is there for that: who was deposed has been told before the next one leads. */
  #checkDeposed({ client, term }: Campaign, elected: Campaign): void {
    const { timerLateMs } = client.faults
    const awake = client.running && client.resumedAtMs + timerLateMs + 1 < this.#world.nowMs
    if (!term || client === elected.client || !awake) return
    if (this.#plan.graceMs > timerLateMs + 1 && !term.signal.aborted) {
      this.#world.violate('term', `c${elected.client.id} is elected before c${client.id} is told`)
    }
  }

  /** A signal is armed by a timer, so it may be as late as one. */
  #watchSignal(client: SimClient, term: Term): void {
    if (term.signal.aborted) return
    const token = this.#tokenOf(term)
    const { nowMs } = this.#world
    const endMs = this.#server.leaseEndMs(KEY, token)
    const endedAtMs = endMs ?? Math.min(nowMs, this.#endsMs.get(token) ?? nowMs)
    this.#endsMs.set(token, endedAtMs)
    if (endMs !== undefined) return
    const dueMs = Math.max(endedAtMs, client.resumedAtMs) + client.faults.timerLateMs + 1
    if (nowMs > dueMs) {
      this.#world.violate('term', `c${client.id} is not told that it does not lead any more`)
    }
  }

  #watchStore(): void {
    const { nowMs } = this.#world
    let free = true
    for (const [token, { untilMs }] of this.#server.leases.get(KEY)?.holders ?? []) {
      if (untilMs <= EPOCH_MS + nowMs) continue
      free = false
      this.#checkGivenBack(token)
    }
    if (!free) this.#freeSinceMs = undefined
    else this.#freeSinceMs ??= nowMs
    for (const campaign of this.#campaigns) this.#checkElected(campaign)
  }

  #checkGivenBack(token: string): void {
    const client = this.#clients.get(token)
    const overAtMs = client && this.#overAtMs.get(client)
    if (!client || overAtMs === undefined || this.#lost.has(token)) return
    for (const campaign of this.#campaigns) if (campaign.client === client) return
    const givenUpAtMs = this.#givenUpAtMs.get(token) ?? overAtMs
    if (this.#world.nowMs > client.limits.undoneByMs(givenUpAtMs)) {
      this.#world.violate('P2', `${token} survives the campaign of c${client.id}`)
    }
  }

  #checkElected({ client, waitsSinceMs, stopping }: Campaign): void {
    if (this.#freeSinceMs === undefined || waitsSinceMs === undefined || stopping) return
    const expectedMs = this.#expectedMs.get(client)
    const endedMs = Math.max(this.#freeSinceMs, expectedMs ?? 0)
    const pokedMs = expectedMs === undefined ? 0 : POKE_MS + client.limits.callMs
    if (this.#world.nowMs > client.limits.obtainedByMs(endedMs, waitsSinceMs) + pokedMs) {
      this.#world.violate('wait', `c${client.id} is not elected, and nobody leads`)
    }
  }

  #granted(token: string, fence: number | undefined): void {
    if (fence !== undefined) this.#tokens.set(fence, token)
  }

  #tokenOf({ fence = Number.NaN }: Term): string {
    return this.#tokens.get(fence) ?? `nobody's ${fence}`
  }

  /** Looks on at the instant at which the lease ends, not only at the next event. */
  #planEnd(token: string): void {
    const untilMs = this.#server.leases.get(KEY)?.holders.get(token)?.untilMs
    if (untilMs !== undefined) this.#world.at(untilMs - EPOCH_MS, 'lease end', NOTHING)
  }
}
