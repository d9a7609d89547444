import type { Dice } from '../time/dice.ts'

/** How streams are read in one schedule. Chances are per decision. */
export interface StreamPlan {
  readonly clients: number
  readonly keys: number
  /** Parallel readers in each client, and how often each reads. */
  readonly workers: number
  readonly rounds: number
  readonly storeTimeoutMs: number
  readonly troubleMs: number
  readonly thinkMsMax: number
  readonly leaseMs: number
  readonly waitMs: number
  readonly ttlMs: readonly [low: number, high: number]
  readonly graceMsMax: number
  readonly itemsMax: number
  /** What a loader and a reader take for an item. */
  readonly itemMsMax: number
  /** A load fails. */
  readonly loadFails: number
  /** A reader leaves before the end. */
  readonly leave: number
  readonly delete: number
  readonly refresh: number
  /** How often the store drops some entry before its time. */
  readonly evictionsMax: number
}

export function drawStreamPlan(dice: Dice, forced: Partial<StreamPlan>): StreamPlan {
  return {
    clients: dice.pick([2, 2, 3]),
    keys: dice.pick([1, 1, 2]),
    workers: dice.pick([1, 2]),
    rounds: dice.pick([1, 2, 4]),
    storeTimeoutMs: dice.whole(60, 250),
    troubleMs: dice.whole(200, 2500),
    thinkMsMax: dice.pick([2, 50, 400]),
    leaseMs: dice.pick([100, 300, 1000]),
    waitMs: dice.pick([100, 1000, 5000]),
    ttlMs: dice.pick([
      [20, 300],
      [500, 5000],
    ]),
    graceMsMax: dice.pick([0, 200, 1000]),
    itemsMax: dice.pick([3, 12, 40]),
    itemMsMax: dice.pick([0, 5, 60]),
    loadFails: dice.pick([0, 0.3]),
    leave: dice.pick([0, 0.2]),
    delete: dice.pick([0, 0.2]),
    refresh: dice.pick([0, 0.1]),
    evictionsMax: dice.pick([0, 0, 6]),
    ...forced,
  }
}
