import type { Dice } from '../time/dice.ts'

/** How the locks are used in one schedule. Chances are per decision. */
export interface LockPlan {
  /** The store has a queue. */
  readonly queue: boolean
  /** Every name has readers and writers, or so many permits. Only with a queue. */
  readonly sharing: 'none' | 'modes' | 'permits'
  readonly permits: number
  readonly readers: number
  /** Somebody asks with another capacity than the others. */
  readonly strays: number
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
  readonly abort: number
  /** `request` with a callback instead of a handle. */
  readonly request: number
  /** The holder extends, verifies or both instead of only working. */
  readonly extend: number
  /** A lock with a maxHold. */
  readonly maxHold: number
  /** A release with a cool-down. */
  readonly coolDown: number
  /** A hand-over to another caller instead of a release, and to two at once. */
  readonly handover: number
  readonly handoverTwice: number
  /** Takes the lock from whoever holds it. Not where cool-downs are counted on. */
  readonly steal: number
  readonly close: number
  /** A holder that believes in `signal` alone, and never reads `held`. */
  readonly trustSignal: number
}

export function drawLockPlan(dice: Dice, forced: Partial<LockPlan>): LockPlan {
  const ttlMs = dice.pick<LockPlan['ttlMs']>([
    [50, 2000],
    [50, 2000],
    [50, 2000],
    [2000, 8000],
  ])
  const queue = dice.chance(0.7)
  const sharing = dice.pick<LockPlan['sharing']>(['none', 'modes', 'permits'])
  return {
    queue,
    sharing: queue ? sharing : 'none',
    permits: dice.whole(2, 3),
    readers: dice.pick([0.5, 0.5, 0.8]),
    strays: dice.pick([0, 0, 0.1]),
    clients: dice.pick([2, 2, 3, 3, 4, 5]),
    names: dice.pick([1, 1, 1, 2, 3]),
    workers: dice.pick([1, 1, 2]),
    rounds: dice.pick([1, 1, 2, 3]),
    storeTimeoutMs: dice.whole(80, 300),
    troubleMs: dice.whole(200, 2500),
    thinkMsMax: dice.pick([5, 60, 300]),
    ttlMs,
    graceMsMax: dice.pick([0, 20, 300]),
    renew: dice.pick([0, 0.5, 1]),
    abort: dice.pick([0, 0.2]),
    request: dice.pick([0, 0.4]),
    extend: dice.pick([0, 0.5]),
    maxHold: dice.pick([0, 0, 0.3]),
    ...dice.pick([
      { coolDown: 0, steal: 0 },
      { coolDown: 0, steal: 0.4 },
      { coolDown: 0.3, steal: 0 },
    ]),
    handover: dice.pick([0, 0, 0.4]),
    handoverTwice: dice.pick([0, 0.3]),
    close: dice.pick([0, 0.1]),
    trustSignal: dice.pick([0, 0.5]),
    ...forced,
  }
}
