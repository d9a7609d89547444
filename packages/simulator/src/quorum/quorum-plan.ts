import type { Dice } from '../time/dice.ts'

/** How a quorum is used in one schedule. Chances are per decision. */
export interface QuorumPlan {
  readonly nodes: number
  readonly clients: number
  readonly names: number
  readonly rounds: number
  readonly storeTimeoutMs: number
  readonly troubleMs: number
  readonly thinkMsMax: number
  readonly ttlMs: readonly [low: number, high: number]
  readonly renew: number
  /** The holder extends its lock itself. */
  readonly extend: number
  /** A node goes down and comes back: without its data, but no sooner than the longest ttl is over. */
  readonly restart: number
  /** It comes back at once, and with its data. */
  readonly hiccup: number
}

export function drawQuorumPlan(dice: Dice, forced: Partial<QuorumPlan>): QuorumPlan {
  return {
    nodes: dice.pick([2, 3, 3, 3, 4, 5]),
    clients: dice.pick([2, 2, 3, 4]),
    names: dice.pick([1, 1, 2]),
    rounds: dice.pick([1, 2, 3, 4]),
    storeTimeoutMs: dice.whole(160, 400),
    troubleMs: dice.whole(200, 2500),
    thinkMsMax: dice.pick([5, 60, 300]),
    ttlMs: dice.pick<QuorumPlan['ttlMs']>([
      [50, 600],
      [300, 2000],
      [2000, 8000],
    ]),
    renew: dice.pick([0, 0.5, 1]),
    extend: dice.pick([0, 0.5]),
    restart: dice.pick([0, 0.5]),
    hiccup: dice.pick([0, 0.5]),
    ...forced,
  }
}
