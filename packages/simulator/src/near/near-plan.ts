import type { Dice } from '../time/dice.ts'

/** How values in the processes themselves are used in one schedule. Chances are per decision. */
export interface NearPlan {
  readonly signals: boolean
  readonly clients: number
  readonly keys: number
  readonly workers: number
  readonly rounds: number
  readonly storeTimeoutMs: number
  readonly troubleMs: number
  readonly thinkMsMax: number
  /** For how long a value is kept in a process. */
  readonly nearMs: number
  readonly max: number
  readonly set: number
  readonly delete: number
  /** Every value has a tag, which ends now and then; or everything does. */
  readonly invalidate: number
  readonly clear: number
}

export function drawNearPlan(dice: Dice, forced: Partial<NearPlan>): NearPlan {
  return {
    signals: dice.chance(0.8),
    clients: dice.pick([2, 2, 3]),
    keys: dice.pick([1, 1, 3]),
    workers: dice.pick([1, 2, 3]),
    rounds: dice.pick([5, 10, 20]),
    storeTimeoutMs: dice.whole(60, 250),
    troubleMs: dice.whole(200, 2500),
    thinkMsMax: dice.pick([2, 50, 400]),
    nearMs: dice.pick([50, 500, 5000]),
    max: dice.pick([1, 100]),
    set: dice.pick([0.1, 0.3]),
    delete: dice.pick([0, 0.1]),
    ...dice.pick([
      { invalidate: 0, clear: 0 },
      { invalidate: 0.1, clear: 0 },
      { invalidate: 0, clear: 0.1 },
    ]),
    ...forced,
  }
}
