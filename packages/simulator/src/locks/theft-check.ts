import type { Lock } from '@locks/core'
import type { ObservedCommand } from '../store/store-observer.ts'
import type { World } from '../time/world.ts'
import type { Tenure } from './tenure.ts'

interface Theft {
  /** When the lease would have ended in the store; real time. */
  readonly endMs: number
  readonly thiefFence: number
  /** Its holder was told, by a push or by the answer to an extend. */
  told: boolean
}

/**
 * A holder that was deposed may believe in its lock until it is told or the lease would have ended
 * anyway, and in the thief's own process not even that long: only the fence tells the two apart.
 */
export class TheftCheck {
  readonly #world: World
  readonly #storeTimeoutMs: number
  /** By the token of the deposed. */
  readonly #thefts = new Map<string, Theft>()

  constructor(world: World, storeTimeoutMs: number) {
    this.#world = world
    this.#storeTimeoutMs = storeTimeoutMs
  }

  deposed(token: string, endMs: number, thiefFence: number): void {
    this.#thefts.set(token, { endMs, thiefFence, told: false })
  }

  /** The store has granted it, perhaps once more. */
  granted(token: string): void {
    this.#thefts.delete(token)
  }

  isDeposed(token: string): boolean {
    return this.#thefts.has(token)
  }

  /** Until then who was deposed may believe; `undefined` = no longer, or it was not. */
  endMs(token: string): number | undefined {
    const { endMs = 0 } = this.#thefts.get(token) ?? {}
    return endMs > this.#world.nowMs ? endMs : undefined
  }

  /** The push of its theft is heard, or that of an earlier one. */
  heard(token: string, thiefFence = Infinity): void {
    const theft = this.#thefts.get(token)
    if (theft && thiefFence >= theft.thiefFence) theft.told = true
  }

  answered({ op, token, sentAtMs }: ObservedCommand, reply: unknown): void {
    const { state } = (reply ?? {}) as { readonly state?: string }
    const inTime = this.#world.nowMs < sentAtMs + 0.9 * this.#storeTimeoutMs
    if (op === 'extend' && state === 'taken' && inTime) this.heard(token)
  }

  /** Somebody believes in `lock`. */
  believed({ client, lock, key }: Tenure): void {
    if (!this.#thefts.get(lock.token)?.told) return
    this.#world.violate('P1', `c${client.id} was told that ${lock.token} lost ${key}, and goes on`)
  }

  /** `tenure` begins, while its own process has `others`, or had them until this event. */
  began(tenure: Tenure, others: Iterable<Tenure>): void {
    const { client, key, lock, steals } = tenure
    for (const other of others) {
      if (other.client !== client || other.key !== key) continue
      const { token, held } = other.lock
      if (!steals) this.#checkYounger(tenure, other)
      else if (!held) this.#checkOlder(lock, other.lock)
      else this.#world.violate('P1', `c${client.id} stole ${lock.token} and keeps ${token}`)
    }
  }

  /** Who comes after a thief of his process was granted after it. */
  #checkYounger({ lock }: Tenure, thief: Tenure): void {
    if (!thief.steals || !thief.lock.held || isYounger(lock, thief.lock)) return
    this.#world.violate('theft', `${lock.token} is believed, which ${thief.lock.token} has deposed`)
  }

  /** Whom a thief deposes was granted before it. */
  #checkOlder(thief: Lock, other: Lock): void {
    const { reason } = (other.signal.reason ?? {}) as { readonly reason?: string }
    if (reason !== 'stolen' || !isYounger(other, thief) || this.isDeposed(other.token)) return
    this.#world.violate('theft', `${thief.token} deposes ${other.token}, which is younger`)
  }
}

const isYounger = (one: Lock, other: Lock): boolean => Number(one.fence) > Number(other.fence)
