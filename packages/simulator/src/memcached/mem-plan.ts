import type { Dice } from '../time/dice.ts'

/** What becomes of memcached in one schedule. */
export interface MemPlan {
  /** Writes tell their ids, so that who releases need not read. */
  readonly tells: boolean
  readonly restartsMax: number
  readonly evictionsMax: number
}

export function drawMemPlan(dice: Dice, forced: Partial<MemPlan>): MemPlan {
  return {
    tells: dice.chance(0.5),
    restartsMax: dice.pick([0, 0, 2]),
    evictionsMax: dice.pick([0, 0, 3]),
    ...forced,
  }
}
