import type { Dice } from '../time/dice.ts'

/** How values are changed by version in one schedule. Chances are per decision. */
export interface OptimisticPlan {
  readonly clients: number
  readonly names: number
  /** How often each client reads a value anew. */
  readonly rounds: number
  readonly storeTimeoutMs: number
  readonly troubleMs: number
  readonly thinkMsMax: number
  /** The next change of a value is asked for while the one before is on its way. */
  readonly atOnce: number
}

export function drawOptimisticPlan(dice: Dice, forced: Partial<OptimisticPlan>): OptimisticPlan {
  return {
    clients: dice.pick([2, 2, 3, 4]),
    names: dice.pick([1, 1, 2]),
    rounds: dice.pick([2, 4, 8]),
    storeTimeoutMs: dice.whole(80, 300),
    troubleMs: dice.whole(200, 2500),
    thinkMsMax: dice.pick([5, 60, 300]),
    atOnce: dice.pick([0, 0.3]),
    ...forced,
  }
}
