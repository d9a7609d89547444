import type { Dice } from '../time/dice.ts'

/** How one schedule uses several names at once. Chances are per decision. */
export interface SetPlan {
  /** The store has a queue. */
  readonly queue: boolean
  readonly clients: number
  /** How often each client acquires a set. */
  readonly rounds: number
  readonly storeTimeoutMs: number
  readonly troubleMs: number
  readonly ttlMs: number
  readonly graceMs: number
  readonly renew: number
  readonly abort: number
  /** Waits that end while others still work. */
  readonly shortWait: number
}

export function drawSetPlan(dice: Dice, forced: Partial<SetPlan>): SetPlan {
  return {
    queue: dice.chance(0.7),
    clients: dice.pick([2, 3, 4]),
    rounds: dice.pick([1, 2, 3]),
    storeTimeoutMs: dice.whole(80, 300),
    troubleMs: dice.whole(200, 2500),
    ttlMs: dice.spread(100, 2000),
    graceMs: dice.pick([0, 20, 300]),
    renew: dice.pick([0.5, 1, 1]),
    abort: dice.pick([0, 0.3]),
    shortWait: dice.pick([0, 0.5]),
    ...forced,
  }
}
