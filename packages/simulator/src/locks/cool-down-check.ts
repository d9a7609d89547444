import type { ExtendReply } from '@locks/core'
import type { SimServer } from '../store/sim-server.ts'
import type { ObservedCommand } from '../store/store-observer.ts'
import type { World } from '../time/world.ts'
import type { Tenure } from './tenure.ts'

interface CoolDown {
  readonly tenure: Tenure
  readonly afterMs: number
  /** The one extend that belongs to it. */
  extend?: ObservedCommand
}

/**
 * A release with a cool-down: one extend that lets the lease end when it should, on the store's clock as
 * long after its execution as it should be after its sending; nothing after it, and no release unless
 * the time is over.
 */
export class CoolDownCheck {
  readonly #world: World
  readonly #server: SimServer
  readonly #coolDowns = new Map<string, CoolDown>()

  constructor(world: World, server: SimServer) {
    this.#world = world
    this.#server = server
  }

  start(tenure: Tenure, afterMs: number): void {
    this.#coolDowns.set(tenure.lock.token, { tenure, afterMs })
  }

  sent(command: ObservedCommand): void {
    const { op, token } = command
    const cooling = this.#coolDowns.get(token)
    if (!cooling) return
    if (op === 'extend' && cooling.extend) {
      this.#world.violate('P5', `${token} is extended again while it cools down`)
    } else if (op === 'extend') cooling.extend = command
    else if (op !== 'inspect' && this.#restMs(cooling) > this.#slackMs(cooling)) {
      this.#world.violate('release', `a ${op} of ${token} ends its cool-down`)
    }
  }

  executed(command: ObservedCommand, reply: unknown): void {
    const cooling = this.#coolDowns.get(command.token)
    if (cooling?.extend !== command || (reply as ExtendReply).state !== 'extended') return
    const endMs = this.#server.leaseEndMs(command.key, command.token) ?? this.#world.nowMs
    const onTheWayMs = this.#world.nowMs - command.sentAtMs
    const offMs = endMs - onTheWayMs - this.#endsAtMs(cooling)
    if (Math.abs(offMs) > this.#slackMs(cooling)) {
      this.#world.violate('release', `${command.token} cools down ${offMs} ms too long`)
    }
  }

  #endsAtMs({ tenure, afterMs }: CoolDown): number {
    return tenure.grantedAtMs + afterMs
  }

  #restMs(cooling: CoolDown): number {
    return this.#endsAtMs(cooling) - this.#world.nowMs
  }

  #slackMs({ afterMs }: CoolDown): number {
    return 0.01 * afterMs + 3
  }
}
