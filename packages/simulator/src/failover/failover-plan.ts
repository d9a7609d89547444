import type { Dice } from '../time/dice.ts'
import type { Election } from './replicated-shard.ts'

/** How a replicated shard is used in one schedule, and what becomes of it. Chances are per decision. */
export interface FailoverPlan {
  readonly clients: number
  readonly names: number
  readonly rounds: number
  readonly storeTimeoutMs: number
  readonly troubleMs: number
  readonly thinkMsMax: number
  readonly ttlMs: readonly [low: number, high: number]
  readonly renew: number
  readonly extend: number
  readonly replicas: number
  /** How many replicas must have a lock; 0 = nobody asks. */
  readonly confirm: number | 'majority'
  readonly withinMs: number
  /** Everyday delay of replication, at most. */
  readonly lagMs: number
  /** How often a replica is cut off from its master, or frozen, for a while. */
  readonly cuts: number
  readonly freezes: number
  /** By how much the clock of one replica is ahead. */
  readonly aheadMs: number
  /** What happens to the master, once. `wipe`: it restarts without its data and stays the master. */
  readonly fails: 'never' | 'crash' | 'isolate' | 'wipe'
  readonly elects: Election
}

export function drawFailoverPlan(dice: Dice, forced: Partial<FailoverPlan>): FailoverPlan {
  const replicas = forced.replicas ?? dice.pick([1, 2, 2, 3])
  const confirm = dice.pick<FailoverPlan['confirm']>([0, 1, 'majority', 'majority', replicas])
  return {
    clients: dice.pick([2, 3, 4]),
    names: dice.pick([1, 1, 2]),
    rounds: dice.pick([1, 2, 3, 4]),
    storeTimeoutMs: dice.whole(200, 400),
    troubleMs: dice.whole(200, 2500),
    thinkMsMax: dice.pick([5, 60, 300]),
    ttlMs: dice.pick<FailoverPlan['ttlMs']>([
      [150, 600],
      [300, 2000],
      [2000, 8000],
    ]),
    renew: dice.pick([0, 0.5, 1]),
    extend: dice.pick([0, 0.5]),
    replicas,
    confirm,
    withinMs: dice.pick([20, 60, 100]),
    lagMs: dice.pick([1, 10, 150]),
    cuts: dice.pick([0, 0, 1, 3]),
    freezes: dice.pick([0, 0, 1, 3]),
    // A clock that is ahead is a hole of its own, and only a confirmation looks at it.
    aheadMs: confirm !== 0 && dice.chance(0.2) ? dice.spread(100, 30_000) : 0,
    fails: dice.pick(['never', 'crash', 'crash', 'isolate', 'wipe']),
    elects: dice.pick(['best', 'best', 'any']),
    ...forced,
  }
}

/** How many replicas the rule asks for while the first master is in office, and at least ever after. */
export function replicasNeeded({ confirm, replicas }: FailoverPlan, hasFailed: boolean): number {
  if (confirm !== 'majority') return confirm
  return hasFailed ? 1 : Math.max(1, Math.floor((replicas + 1) / 2))
}

/** Whether a lock may be granted twice although all clocks are right and all code is. */
export const hasHoles = ({ confirm, fails, elects, aheadMs }: FailoverPlan): boolean =>
  fails !== 'never' && (confirm === 0 || fails === 'wipe' || elects === 'any' || aheadMs > 0)
