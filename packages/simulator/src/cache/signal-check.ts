import type { LoadLeaseReply, LoadLeaseRequest } from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'
import type { ObservedCommand } from '../store/store-observer.ts'
import type { World } from '../time/world.ts'
import type { CacheServer } from './cache-server.ts'
import { IN_DOUBT } from './load-check.ts'
import type { Origins } from './origins.ts'

/** Jitter at the end of a lease, and what clocks of different rates make of the wait for it. */
const POKE_MS = 62
/** The longest pause of who cannot hear signals. */
const LOOK_MS = 650

interface Wait {
  readonly client: SimClient
  readonly key: string
  readonly holder: string
  /** The client could hear signals when it asked. */
  readonly listening: boolean
  answered: boolean
  /** Its signal has been pushed, and arrives. */
  told: boolean
  dueMs: number
}

/**
 * Who waits for a load elsewhere looks in time: soon after its signal, after a loss of the connection,
 * and at the end of the lease in the way at the latest.
 */
export class SignalCheck {
  readonly #world: World
  readonly #server: CacheServer
  readonly #origins: Origins
  /** So long somebody waits for the load of another process. */
  readonly #waitMs: number
  /** Since when the oldest call of a key has been under way in a process. */
  readonly #underWaySinceMs: (client: SimClient, key: string) => number
  /** By the token of the one who waits. */
  readonly #waits = new Map<string, Wait>()

  constructor(
    world: World,
    server: CacheServer,
    origins: Origins,
    waitMs: number,
    underWaySinceMs: (client: SimClient, key: string) => number,
  ) {
    this.#world = world
    this.#server = server
    this.#origins = origins
    this.#waitMs = waitMs
    this.#underWaySinceMs = underWaySinceMs
  }

  sent({ op, token, client, key, request }: ObservedCommand): void {
    this.#forget(client, key)
    // Who refreshes a stale value waits for nobody.
    const refreshes = (request as LoadLeaseRequest).seen !== undefined
    if (op !== 'lease' || refreshes || !this.#server.hasSignals) return
    const listening = this.#server.hears(client)
    const dueMs = Number.POSITIVE_INFINITY
    const wait = {
      client,
      key,
      holder: '',
      listening,
      answered: false,
      told: false,
      dueMs,
    }
    this.#waits.set(token, wait)
  }

  executed({ op, token }: ObservedCommand, reply: unknown): void {
    const wait = this.#waits.get(token)
    const answer = reply as LoadLeaseReply
    if (op !== 'lease' || !wait || answer.state !== 'lost') return
    // Signals from now on are for it; another copy of the command says the same again.
    this.#waits.set(token, { ...wait, holder: answer.holder, told: false })
  }

  /** The server pushes a signal of the load of `holder` to `client`. */
  pushed(client: SimClient, holder: string, arrives: boolean): void {
    for (const wait of this.#waits.values()) {
      if (wait.client !== client || wait.holder !== holder || !arrives) continue
      wait.told = true
      if (wait.answered) this.#due(wait, 0)
    }
  }

  answered({ op, token }: ObservedCommand, reply: unknown): void {
    const wait = this.#waits.get(token)
    if (op !== 'lease' || !wait) return
    const answer = reply as LoadLeaseReply | undefined
    // Who has waited long enough joins the load that goes on here, or begins one.
    const waitedMs = this.#world.nowMs - this.#underWaySinceMs(wait.client, wait.key)
    const hasWaited = waitedMs > 0.99 * this.#waitMs
    if (answer?.state !== 'lost' || hasWaited) {
      this.#waits.delete(token)
      return
    }
    wait.answered = true
    const { remainingMs } = answer
    this.#due(
      wait,
      wait.listening ? remainingMs + POKE_MS : Math.min(remainingMs + POKE_MS, LOOK_MS),
    )
    if (wait.told) this.#due(wait, 0)
  }

  disconnected(client: SimClient): void {
    for (const wait of this.#waits.values()) {
      if (wait.client === client && wait.answered) this.#due(wait, 0)
    }
  }

  /** A call of the key is over, or a loader begins to run. */
  settled(client: SimClient, key: string): void {
    this.#forget(client, key)
  }

  watch(): void {
    const { nowMs } = this.#world
    for (const [token, { client, key, holder, dueMs }] of this.#waits) {
      if (nowMs <= dueMs) continue
      const quiet = client.limits.quietSince(dueMs - 2 * client.limits.roundTripMs)
      if (quiet && !client.closing && !this.#loadsAlone(client, key)) {
        this.#world.violate('wait', `c${client.id} sleeps on ${key} behind the load of ${holder}`)
      }
      this.#waits.delete(token)
    }
  }

  /** Who then joins what his process already loads for itself, or may do so, looks no more. */
  #loadsAlone(client: SimClient, key: string): boolean {
    for (const { token, endedAtMs } of this.#origins.loads(client, key)) {
      if ((token === '' || token === IN_DOUBT) && endedAtMs > this.#world.nowMs) return true
    }
    return false
  }

  #due(wait: Wait, inMs: number): void {
    const { roundTripMs } = wait.client.limits
    wait.dueMs = Math.min(wait.dueMs, this.#world.nowMs + inMs + 2 * roundTripMs + 5)
  }

  #forget(client: SimClient, key: string): void {
    for (const [token, wait] of this.#waits) {
      if (wait.client === client && wait.key === key) this.#waits.delete(token)
    }
  }
}
