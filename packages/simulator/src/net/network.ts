import type { SimClient } from '../fleet/sim-client.ts'
import type { Tally } from '../tally.ts'
import type { World } from '../time/world.ts'
import { FATE_NAMES, type Fate, faultyFate, plainFate } from './fate.ts'
import { fateInOutage, type Outage } from './outage.ts'
import { isIn, type TroubleTime } from './trouble-time.ts'

/** A command as the network carries it. */
export interface Parcel<Reply> {
  readonly op: string
  /** It can carry the store time after which the server refuses it. */
  readonly guardable: boolean
  /** At the server, once per copy. */
  execute(): Reply
  /** At the client, before its promise settles; `undefined` = an error. */
  onAnswer(reply: Reply | undefined): void
}

export interface NetworkOptions {
  readonly storeTimeoutMs: number
  readonly outages: readonly Outage[]
  readonly trouble: TroubleTime
}

/** Between clients and server: decides what becomes of each command. */
export class Network {
  readonly #world: World
  readonly #tally: Tally
  readonly #options: NetworkOptions
  readonly #lastArrivalMs = new Map<SimClient, number>()

  constructor(world: World, tally: Tally, options: NetworkOptions) {
    this.#world = world
    this.#tally = tally
    this.#options = options
  }

  send<Reply>(client: SimClient, parcel: Parcel<Reply>): Promise<Reply> {
    const world = this.#world
    const { arrivals, replyMs, errorMs } = this.#fate(client, parcel)
    // Functions without a name of their own: the loader pays for naming one each time it is made.
    return new Promise((resolve, reject) => {
      if (errorMs !== undefined) {
        world.in(
          errorMs,
          'connection error',
          () => {
            parcel.onAnswer(undefined)
            reject(new Error('read ECONNRESET'))
          },
          client,
        )
      }
      const last = arrivals.length - 1
      arrivals.forEach((arrivalMs, copy) => {
        world.in(arrivalMs, parcel.op, () => {
          const reply = parcel.execute()
          if (copy < last || replyMs === undefined) return
          world.in(
            replyMs,
            'reply',
            () => {
              parcel.onAnswer(reply)
              resolve(reply)
            },
            client,
          )
        })
      })
    })
  }

  #fate(client: SimClient, { guardable }: Parcel<unknown>): Fate {
    const { storeTimeoutMs, trouble } = this.#options
    let fate = this.#draw(client)
    if (guardable && !client.knowsStoreTime) {
      // A command without a guard is late only as far as a guard would let it.
      const capped = fate.arrivals.map((at) => Math.min(at, 0.98 * storeTimeoutMs))
      fate = { ...fate, arrivals: capped }
    }
    if (isIn(trouble, this.#world.nowMs) && !client.faults.reorders)
      return this.#inOrder(client, fate)
    return fate
  }

  #draw(client: SimClient): Fate {
    const { dice, nowMs } = this.#world
    const { storeTimeoutMs: timeoutMs, trouble, outages } = this.#options
    const context = { dice, faults: client.faults, timeoutMs }
    if (!isIn(trouble, nowMs)) return plainFate(context)
    const outage = outages.find(({ fromMs, untilMs }) => nowMs >= fromMs && nowMs < untilMs)
    if (outage) {
      return this.#disturbed(client, 'outage', fateInOutage(outage, nowMs, dice))
    }
    let roll = dice.fraction()
    for (const name of FATE_NAMES) {
      roll -= client.faults[name]
      if (roll < 0) return this.#disturbed(client, name, faultyFate[name](context))
    }
    return plainFate(context)
  }

  #disturbed(client: SimClient, name: string, fate: Fate): Fate {
    this.#tally.add('fault', name)
    if (client.believes > 0) this.#tally.add('fault while holding', name)
    const lastMs = Math.max(0, ...fate.arrivals) + (fate.replyMs ?? 0)
    const noticedMs = Math.max(lastMs, fate.errorMs ?? 0, this.#options.storeTimeoutMs * 1.01)
    client.trouble(this.#world.nowMs + noticedMs + client.faults.timerLateMs)
    return fate
  }

  /** One connection: what is sent later is executed later. */
  #inOrder(client: SimClient, fate: Fate): Fate {
    const { nowMs } = this.#world
    let atMs = this.#lastArrivalMs.get(client) ?? 0
    const arrivals = fate.arrivals.map((arrivalMs) => {
      atMs = Math.max(atMs + 0.01, nowMs + arrivalMs)
      return atMs - nowMs
    })
    // A command kept back for long is one that another connection carries: nobody waits behind it.
    if (atMs - nowMs < 2 * this.#options.storeTimeoutMs) this.#lastArrivalMs.set(client, atMs)
    return { ...fate, arrivals }
  }
}
