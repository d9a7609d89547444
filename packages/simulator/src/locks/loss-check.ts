import type { ObservedCommand } from '../store/store-observer.ts'
import type { World } from '../time/world.ts'
import type { TokenRecord } from './token-record.ts'

/** Rates of two clocks differ by at most this factor in the schedules. */
const DRIFT = 1.006

/**
 * What its client has lost ends by itself. It is given back if an extend of it was answered too late,
 * and never before its grace is over.
 */
export class LossCheck {
  readonly #world: World

  constructor(world: World) {
    this.#world = world
  }

  /** Too late to be believed: its lease is lost by then, or the answer certainly behind its deadline. */
  extended({ client, sentAtMs }: ObservedCommand, record: TokenRecord): void {
    if (this.#world.nowMs > client.limits.answeredByMs(sentAtMs)) record.late = true
    if (record.why === 'lost' && !record.undo) this.#mustGoBack(record)
  }

  lost(record: TokenRecord): void {
    if (record.late) this.#mustGoBack(record)
  }

  takingBack({ command, why, lostAtMs, givenUpAtMs, graceMs }: TokenRecord): void {
    if (why !== 'lost') return
    const leastMs = graceMs / DRIFT - command.client.faults.timerEarlyMs - 1
    if (this.#world.nowMs < (lostAtMs ?? givenUpAtMs) + leastMs) {
      this.#world.violate('grace', `${command.token} is given back before its grace is over`)
    }
  }

  #mustGoBack(record: TokenRecord): void {
    record.undo = true
    record.lostAtMs = record.givenUpAtMs
    record.givenUpAtMs = this.#world.nowMs + record.graceMs * DRIFT
  }
}
