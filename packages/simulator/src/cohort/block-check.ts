import type { AcquireRequest } from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'
import type { Asked } from '../locks/lock-audit.ts'
import type { ObservedCommand } from '../store/store-observer.ts'

const CALLERS_MAX = 64
const ROUNDS = 3

/** The callers of one process that want one name. */
interface Callers {
  waiting: number
  /** At any time: an ask that finds the store busy is sent again, when others have given up. */
  waitingMost: number
  /** Their last lease. */
  token: string
  /** How many have had it. */
  turns: number
  /** Whether one has had it unseen is not known: it had given up. */
  isBlurred: boolean
}

interface Ask {
  readonly callers: Callers
  readonly token: string
  readonly fences: number
  readonly waitingMost: number
  /** The lease before it was. */
  readonly isUsedUp: boolean
}

/**
 * A process asks for a turn for each of its callers, up to 64 of them; for three for each if its last lease
 * was used up. And no more have had a lease than were asked for.
 */
export class BlockCheck {
  readonly #fail: (message: string) => void
  readonly #callers = new Map<SimClient, Map<string, Callers>>()
  /** By token, how many were asked for. */
  readonly #fences = new Map<string, number>()
  /** Sent in this very event. */
  #asks: Ask[] = []

  constructor(fail: (message: string) => void) {
    this.#fail = fail
  }

  asked({ client, key }: Asked): void {
    const callers = this.#of(client, key)
    callers.waitingMost = Math.max(++callers.waiting, callers.waitingMost)
  }

  refused({ client, key }: Asked): void {
    const callers = this.#of(client, key)
    callers.waiting--
    callers.isBlurred = true
  }

  granted({ client, key }: Asked, token: string): void {
    const callers = this.#of(client, key)
    callers.waiting--
    const fences = this.#fences.get(token)
    // A thief comes and goes by itself.
    if (fences === undefined) return
    if (callers.token !== token) {
      callers.token = token
      callers.turns = 0
      callers.isBlurred = false
    }
    if (++callers.turns > fences) this.#fail(`${token} has ${callers.turns} holders`)
  }

  sent({ client, op, key, token, request }: ObservedCommand): void {
    if (op !== 'acquire' || this.#fences.has(token)) return
    const { fences = 1 } = request as AcquireRequest
    this.#fences.set(token, fences)
    const callers = this.#of(client, key)
    const isUsedUp = callers.turns === this.#fences.get(callers.token)
    this.#asks.push({ callers, token, fences, waitingMost: callers.waitingMost, isUsedUp })
  }

  /** Behind the event: who had a turn and had given up is told after the next one has asked. */
  watch(): void {
    for (const { callers, token, fences, waitingMost, isUsedUp } of this.#asks) {
      const rounds = isUsedUp || callers.isBlurred ? ROUNDS : 1
      const most = Math.min(waitingMost, CALLERS_MAX) * rounds
      if (fences > Math.max(1, most)) this.#fail(`${token} is to have ${fences} turns, of ${most}`)
    }
    this.#asks = []
  }

  #of(client: SimClient, key: string): Callers {
    const keys = this.#callers.get(client) ?? new Map<string, Callers>()
    this.#callers.set(client, keys)
    const callers = keys.get(key) ?? {
      waiting: 0,
      waitingMost: 0,
      token: '',
      turns: 0,
      isBlurred: false,
    }
    keys.set(key, callers)
    return callers
  }
}
