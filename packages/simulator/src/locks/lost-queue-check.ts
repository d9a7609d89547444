import type { AcquireReply, AcquireRequest } from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'
import type { ObservedCommand } from '../store/store-observer.ts'
import type { World } from '../time/world.ts'

/** Rates of two clocks differ by at most this factor in the schedules. */
const DRIFT = 1.006
/** A waiter trusts no end that is further away, and asks so long after the one that it expects. */
const TRUSTED_MS = 5000
const POKE_MS = 31
/** Who has asked for all of its waiters does not do so again for so long. */
const QUIET_MS = 4000

interface Waiter {
  readonly client: SimClient
  readonly key: string
  /** Its commands without an answer, and whether it has had one. */
  asking: number
  answered: boolean
}

/** Waiters of one process for one name whose places the store has lost. */
interface Loss {
  readonly client: SimClient
  readonly atMs: number
  /** Who has not asked again. */
  readonly lost: Set<string>
  /** Who has, and has no answer yet. */
  readonly asking: Set<string>
  dueMs: number
}

/**
 * A store that has lost its queues is noticed: when the first waiter of a process asks, which it does at
 * the end of the lease in the way, all the others ask too.
 */
export class LostQueueCheck {
  readonly #world: World
  readonly #waiters = new Map<string, Waiter>()
  readonly #losses = new Map<string, Loss>()
  /** When a waiter of a process asks at the latest, by the last answer that it must wait. */
  readonly #pokesMs = new Map<string, number>()

  constructor(world: World) {
    this.#world = world
  }

  sent({ op, client, key, token, request }: ObservedCommand): void {
    if (op === 'leave' || op === 'release') this.left(token)
    if (op !== 'acquire' || !(request as AcquireRequest).waiter) return
    const waiter = this.#waiters.get(token) ?? { client, key, asking: 0, answered: false }
    this.#waiters.set(token, waiter)
    waiter.asking++
    const loss = this.#losses.get(placeOf(waiter))
    if (loss?.lost.delete(token)) loss.asking.add(token)
  }

  answered({ op, token, sentAtMs }: ObservedCommand, reply: unknown): void {
    const waiter = this.#waiters.get(token)
    if (!waiter || op !== 'acquire') return
    const isFirst = !waiter.answered
    waiter.asking--
    waiter.answered = true
    const place = placeOf(waiter)
    const loss = this.#losses.get(place)
    loss?.asking.delete(token)
    const { state, remainingMs = 0 } = (reply ?? {}) as Partial<AcquireReply & { state: 'held' }>
    if (state !== 'held') return
    const pokeMs = (Math.min(remainingMs, TRUSTED_MS) + POKE_MS) * DRIFT
    this.#pokesMs.set(place, this.#world.nowMs + pokeMs)
    // The timer behind the pushes is set anew, before anybody could notice.
    if (loss && (isFirst || sentAtMs < loss.atMs)) this.#setDue(place, loss)
  }

  /** It is granted, or has given up. */
  left(token: string): void {
    const waiter = this.#waiters.get(token)
    if (!waiter) return
    this.#waiters.delete(token)
    const place = placeOf(waiter)
    const loss = this.#losses.get(place)
    // Who was about to notice is gone: the next one asks later.
    if (loss?.lost.delete(token) || loss?.asking.delete(token)) this.#setDue(place, loss)
  }

  /** The store has lost the places of `tokens`, which are all that wait for `key`. */
  lost(key: string, tokens: ReadonlySet<string>): void {
    const clients = new Set<SimClient>()
    for (const waiter of this.#waiters.values()) if (waiter.key === key) clients.add(waiter.client)
    for (const client of clients) {
      const mine = [...this.#waiters].filter(([, one]) => one.client === client && one.key === key)
      // Who has a place all the same may be the first that asks, and sees no loss.
      if (!mine.every(([token, { asking }]) => asking === 0 && tokens.has(token))) continue
      const atMs = this.#world.nowMs
      const lost = new Set(mine.map(([token]) => token))
      const loss = { client, atMs, lost, asking: new Set<string>(), dueMs: 0 }
      const place = placeOf({ client, key })
      this.#losses.set(place, loss)
      this.#setDue(place, loss)
    }
  }

  watch(): void {
    for (const { client, atMs, lost, dueMs } of this.#losses.values()) {
      if (lost.size === 0 || this.#world.nowMs <= dueMs) continue
      if (client.closing || !client.limits.quietSince(Math.max(0, atMs - QUIET_MS * DRIFT)))
        continue
      const [token] = lost
      this.#world.violate('queue', `${token} has lost its place, and c${client.id} does not notice`)
    }
  }

  /** One who asks, one who confirms it, and all the others. */
  #setDue(place: string, loss: Loss): void {
    const { limits } = loss.client
    const { nowMs } = this.#world
    const pokeMs = Math.max(this.#pokesMs.get(place) ?? 0, nowMs + limits.callMs + POKE_MS * DRIFT)
    loss.dueMs = Math.max(loss.dueMs, pokeMs + 3 * limits.roundTripMs + 10)
  }
}

const placeOf = ({ client, key }: Pick<Waiter, 'client' | 'key'>): string => `${client.id} ${key}`
