import type { Dice } from '../time/dice.ts'

/** How locks that are handed on within a process are used in one schedule. Chances are per decision. */
export interface CohortPlan {
  /** The store has a queue. */
  readonly queue: boolean
  /** The store gives as many fences as it is asked for. */
  readonly fenceBlocks: boolean
  /** Fences were minted by a clock far ahead: each follows the one before. */
  readonly fencesAhead: boolean
  readonly clients: number
  readonly names: number
  /** Parallel callers in each client, and how often each acquires. */
  readonly workers: number
  readonly rounds: number
  readonly storeTimeoutMs: number
  readonly troubleMs: number
  readonly thinkMsMax: number
  /** What a section takes, mostly. */
  readonly sectionMsMax: number
  /** A section of about the ttl. */
  readonly longSection: number
  /** The terms that most callers ask for: others do not get the lease of those. */
  readonly ttlMs: number
  readonly graceMs: number
  readonly renew: boolean
  readonly otherTerms: number
  /** Asks the store itself, in order or at any moment. */
  readonly global: number
  readonly barging: number
  readonly shortWait: number
  readonly abort: number
  /** Whoever releases aborts who waits, in the same turn. */
  readonly abortBehind: number
  readonly request: number
  readonly extend: number
  /** Uses the handle after its release. */
  readonly useReleased: number
  readonly handover: number
  readonly coolDown: number
  readonly steal: number
  readonly maxHold: number
  readonly close: number
  /** A holder that believes in `signal` alone. */
  readonly trustSignal: number
}

export function drawCohortPlan(dice: Dice, forced: Partial<CohortPlan>): CohortPlan {
  return {
    queue: dice.chance(0.8),
    fenceBlocks: dice.chance(0.9),
    fencesAhead: dice.chance(0.5),
    clients: dice.pick([1, 2, 2, 3]),
    names: dice.pick([1, 1, 1, 2]),
    ...(dice.chance(0.05)
      ? { workers: 70, rounds: 1, barging: 0 }
      : {
          workers: dice.whole(2, 6),
          rounds: dice.pick([1, 2, 3]),
          barging: dice.pick([0, 0, 0.1]),
        }),
    storeTimeoutMs: dice.whole(80, 300),
    troubleMs: dice.whole(200, 1500),
    thinkMsMax: dice.pick([0, 5, 60, 300]),
    sectionMsMax: dice.pick([0, 2, 20, 100]),
    longSection: dice.pick([0, 0, 0.2]),
    ttlMs: dice.pick([dice.spread(50, 400), dice.spread(300, 2000), dice.spread(2000, 8000)]),
    graceMs: dice.pick([0, 20, 300]),
    renew: dice.chance(0.7),
    otherTerms: dice.pick([0, 0, 0.2]),
    global: dice.pick([0, 0, 0.2]),
    shortWait: dice.pick([0, 0.2]),
    abort: dice.pick([0, 0.2]),
    abortBehind: dice.pick([0, 0.2]),
    request: dice.pick([0, 0.4]),
    extend: dice.pick([0, 0.3]),
    useReleased: dice.pick([0, 0.3]),
    handover: dice.pick([0, 0, 0.1]),
    maxHold: dice.pick([0, 0, 0.1]),
    ...dice.pick([
      { coolDown: 0, steal: 0 },
      { coolDown: 0, steal: 0.1 },
      { coolDown: 0.1, steal: 0 },
    ]),
    close: dice.pick([0, 0, 0.05]),
    trustSignal: dice.pick([0, 0.5]),
    ...forced,
  }
}
