import type { AcquireRequest } from '@locks/core'
import type { ObservedCommand } from '../store/store-observer.ts'
import type { World } from '../time/world.ts'

/**
 * Renewals are a third of the ttl apart; failed ones are repeated sooner, and holders extend their
 * locks themselves. So many extends per ttl are neither.
 */
const STORM = 60

/** No store is flooded with renewals. */
export class StormCheck {
  readonly #world: World
  readonly #acquires = new Map<string, ObservedCommand>()
  readonly #extends = new Map<string, number>()

  constructor(world: World) {
    this.#world = world
  }

  sent(command: ObservedCommand): void {
    const { op, token } = command
    if (op === 'acquire') this.#acquires.set(token, command)
    const acquire = this.#acquires.get(token)
    if (op !== 'extend' || !acquire) return
    const count = (this.#extends.get(token) ?? 0) + 1
    this.#extends.set(token, count)
    const terms = (command.sentAtMs - acquire.sentAtMs) / (acquire.request as AcquireRequest).ttlMs
    if (count > STORM * (1 + terms)) {
      this.#world.violate('storm', `${count} extends of ${token} in ${terms} of its ttl`)
    }
  }
}
