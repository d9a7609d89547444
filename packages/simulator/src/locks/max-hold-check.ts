import type { World } from '../time/world.ts'
import type { Tenure } from './tenure.ts'

/** A clock's rate is off by half a percent at most; the rest is rounding. */
const RATE = 0.0051

/** A lock with a maxHold is held for no longer, and is not lost to it any sooner. */
export class MaxHoldCheck {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  held({ client, lock, grantedAtMs, maxHoldMs = Infinity }: Tenure): void {
    if (this.#world.nowMs - grantedAtMs > maxHoldMs * (1 + RATE) + 1) {
      this.#world.violate('max-hold', `c${client.id} holds ${lock.token} beyond ${maxHoldMs} ms`)
    }
  }

  ended({ client, lock, grantedAtMs, maxHoldMs = Infinity }: Tenure): void {
    if (this.#world.nowMs - grantedAtMs < maxHoldMs * (1 - RATE) - 1) {
      this.#world.violate('max-hold', `c${client.id} loses ${lock.token} before ${maxHoldMs} ms`)
    }
  }
}
