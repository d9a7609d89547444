import type { Dice } from '../time/dice.ts'
import { drawMemPlan, type MemPlan } from './mem-plan.ts'

/** How locks on memcached are used in one schedule. Chances are per decision. */
export interface MemLockPlan extends MemPlan {
  readonly clients: number
  readonly names: number
  /** Parallel callers in each client, and how often each acquires. */
  readonly workers: number
  readonly rounds: number
  readonly storeTimeoutMs: number
  readonly troubleMs: number
  readonly thinkMsMax: number
  readonly ttlMs: readonly [low: number, high: number]
  readonly graceMsMax: number
  readonly renew: number
  /** The holder extends or verifies instead of only working. */
  readonly extend: number
  readonly abort: number
  readonly close: number
}

export function drawMemLockPlan(dice: Dice, forced: Partial<MemLockPlan>): MemLockPlan {
  return {
    ...drawMemPlan(dice, {}),
    clients: dice.pick([2, 2, 3, 4]),
    names: dice.pick([1, 1, 2]),
    workers: dice.pick([1, 1, 2, 3]),
    rounds: dice.pick([1, 2, 3]),
    // A command takes several round trips, and more when what it has seen goes away meanwhile.
    storeTimeoutMs: dice.whole(200, 500),
    troubleMs: dice.whole(200, 4000),
    thinkMsMax: dice.pick([5, 60, 600]),
    ttlMs: dice.pick<MemLockPlan['ttlMs']>([
      [50, 1500],
      [900, 4000],
    ]),
    graceMsMax: dice.pick([0, 20, 300]),
    renew: dice.pick([0, 0.5, 1]),
    extend: dice.pick([0, 0.5]),
    abort: dice.pick([0, 0.2]),
    close: dice.pick([0, 0.1]),
    ...forced,
  }
}
