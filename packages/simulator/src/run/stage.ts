import type { CacheStore, LeaseStore } from '@locks/core'
import { type Breach, Recorder, recordStore } from '@locks/history'
import { type Faults, swarm } from '../faults.ts'
import { SimClient } from '../fleet/sim-client.ts'
import { planChaos } from '../net/chaos.ts'
import { Network } from '../net/network.ts'
import { planOutage } from '../net/outage.ts'
import type { TroubleTime } from '../net/trouble-time.ts'
import { SimServer } from '../store/sim-server.ts'
import type { SimStore, StoreContext } from '../store/sim-store.ts'
import type { StoreObserver } from '../store/store-observer.ts'
import { Tally } from '../tally.ts'
import type { Dice } from '../time/dice.ts'
import { World } from '../time/world.ts'
import type { Outcome, Schedule, Setup } from './schedule.ts'

/** Most schedules are small: nearly all that can go wrong needs few processes and few steps. */
const SMALL = 0.85

export interface StagePlan {
  readonly clients: number
  readonly rounds?: number
  readonly workers?: number
  readonly storeTimeoutMs: number
  readonly troubleMs: number
}

interface Audit {
  /** After each event. */
  watch(): void
  /** Nothing happens any more. */
  finish(): void
}

/** What every schedule needs: a world with its faults planned, a server, clients and their stores. */
export class Stage<Plan extends StagePlan> {
  readonly world: World
  readonly plan: Plan
  readonly tally = new Tally()
  readonly server: SimServer
  readonly clients: readonly SimClient[]
  /** Until then nobody does anything after the first round; 0 = no such time. */
  readonly idleUntilMs: number
  readonly #schedule: Schedule
  #announced = 0
  readonly #recorders = new Map<SimClient, Recorder>()
  readonly network: Network
  readonly trouble: TroubleTime
  readonly faults: Faults

  constructor(schedule: Schedule, drawPlan: (dice: Dice) => Plan) {
    const { seed, subject, bug, readable, forced } = schedule
    this.#schedule = schedule
    this.world = new World(seed, readable)
    const { world, tally } = this
    const { dice } = world
    const faults = swarm(dice, { ...bug?.faults, ...forced?.faults })
    this.faults = faults
    const plan = drawPlan(dice)
    // Who hunts a bug knows how large a schedule shows it.
    const sized = !bug && dice.chance(SMALL) ? smaller(plan) : plan
    this.plan = { ...sized, ...forced?.plan }
    const { clients, storeTimeoutMs, troubleMs } = this.plan
    this.idleUntilMs = faults.idleMs
    const fromMs = dice.chance(0.5) ? faults.idleMs : 0
    const trouble = { fromMs, untilMs: fromMs + troubleMs }
    this.trouble = trouble
    const outages = Array.from({ length: dice.whole(0, faults.outagesMax) }, () =>
      planOutage(dice, trouble, storeTimeoutMs),
    )
    this.server = new SimServer(world, subject.steps)
    this.network = new Network(world, tally, { storeTimeoutMs, outages, trouble })
    this.clients = Array.from({ length: clients }, (_, id) => {
      return new SimClient(world, id, faults, storeTimeoutMs)
    })
    for (const client of this.clients) planChaos(world, tally, client, trouble)
    this.announce('trouble', [], trouble.fromMs, trouble.untilMs)
  }

  openStore(
    client: SimClient,
    observer: StoreObserver,
    Store: new (context: StoreContext) => SimStore,
  ): LeaseStore & CacheStore {
    const { storeTimeoutMs } = this.plan
    const pushes = { tally: this.tally, trouble: this.trouble, timeoutMs: storeTimeoutMs }
    const { network } = this
    const { server } = this
    const store = new Store({ client, server, network, observer, storeTimeoutMs, pushes })
    const used = this.#schedule.bug?.store?.(store, client) ?? store
    const recorder = this.recorderOf(client)
    return recorder ? recordStore(used, recorder) : used
  }

  /** Of the history, if anybody wants it; the same for everything in this client. */
  recorderOf(client: SimClient): Recorder | undefined {
    const { record } = this.#schedule
    if (!record) return undefined
    const known = this.#recorders.get(client)
    if (known) return known
    const process = `c${client.id}`
    const now = () => this.world.nowMs
    const recorder = new Recorder({ process, now, write: (line) => record(process, line) })
    this.#recorders.set(client, recorder)
    return recorder
  }

  /** Tells the history, if anybody wants it, what is wrong on purpose, until the end if not said. */
  announce(fault: string, breaks: readonly Breach[], fromMs: number, untilMs?: number): void {
    const { record } = this.#schedule
    if (!record) return
    let nowMs = fromMs
    const process = `world-${this.#announced++}`
    const write = (line: string) => record(process, line)
    const recorder = new Recorder({ process, now: () => nowMs, write })
    const pending = recorder.begin('fault', { fault, breaks })
    if (untilMs === undefined) return
    nowMs = untilMs
    pending.end({ is: 'over' })
  }

  /** The options that connect production code to `client`. */
  inject({ clock, random }: SimClient) {
    const { bug } = this.#schedule
    return {
      storeTimeout: this.plan.storeTimeoutMs,
      clock: bug?.clock?.(clock) ?? clock,
      random: bug?.random?.(random) ?? random,
    }
  }

  /** Lets `run` begin in `client`; it must not reject. */
  start(client: SimClient, run: () => Promise<void>): void {
    const guarded = async () => {
      try {
        await run()
      } catch (error) {
        this.world.violate('error', `c${client.id}: ${error}`)
      }
    }
    this.world.in(0, 'start', () => void guarded(), client)
  }

  async play(audit: Audit): Promise<Outcome> {
    const { world, tally } = this
    await world.run(() => audit.watch())
    if (!world.violation) audit.finish()
    const { violation, trace, events } = world
    const setup = { faults: this.faults, plan: this.plan as object as Setup['plan'] }
    return { violation, hash: trace.hash, lines: trace.lines, events, tally, setup }
  }
}

/** With fewer to take part in it, and less for each to do. */
function smaller<Plan extends StagePlan>(plan: Plan): Plan {
  const { clients, rounds, workers } = plan
  return {
    ...plan,
    clients: Math.max(2, Math.ceil(clients / 2)),
    ...(rounds && { rounds: Math.ceil(rounds / 2) }),
    ...(workers && { workers: Math.ceil(workers / 2) }),
  }
}
