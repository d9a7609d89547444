import type { Dice } from '../time/dice.ts'

/** How one schedule campaigns. Chances are per decision. */
export interface ElectionPlan {
  /** The store has a queue. */
  readonly queue: boolean
  readonly clients: number
  /** How often each client campaigns. */
  readonly rounds: number
  readonly storeTimeoutMs: number
  readonly troubleMs: number
  readonly ttlMs: number
  readonly graceMs: number
  readonly renew: number
  /** A leader whose work fails. */
  readonly fail: number
  /** A leader that believes in `signal` alone, and never reads `held`. */
  readonly trustSignal: number
}

export function drawElectionPlan(dice: Dice, forced: Partial<ElectionPlan>): ElectionPlan {
  return {
    queue: dice.chance(0.7),
    clients: dice.pick([2, 2, 3, 4]),
    rounds: dice.pick([1, 1, 2]),
    storeTimeoutMs: dice.whole(80, 300),
    troubleMs: dice.whole(200, 2500),
    ttlMs: dice.spread(100, 2000),
    graceMs: dice.pick([0, 20, 300]),
    renew: dice.pick([0.5, 1]),
    fail: dice.pick([0, 0.2]),
    trustSignal: dice.pick([0, 0.5]),
    ...forced,
  }
}
