import type { Dice } from '../time/dice.ts'

/** How the caches are used in one schedule. Chances are per decision. */
export interface CachePlan {
  /** The store pushes what becomes of loads. */
  readonly signals: boolean
  readonly clients: number
  readonly keys: number
  /** Parallel callers in each client, and how often each calls. */
  readonly workers: number
  readonly rounds: number
  readonly storeTimeoutMs: number
  readonly troubleMs: number
  readonly thinkMsMax: number
  readonly leaseMs: number
  readonly waitMs: number
  readonly ttlMs: readonly [low: number, high: number]
  readonly graceMsMax: number
  /** At most so much longer it is kept for the case of an error. */
  readonly keptMsMax: number
  readonly jitter: number
  /** `beta` of early loads; 0 = none. */
  readonly early: number
  readonly softTimeoutMs: number
  readonly errorBackoffMs: number
  /** How long the store is not asked after some failures in a row. */
  readonly openMs: number
  readonly microTtlMs: number
  readonly loadMs: readonly [low: number, high: number]
  readonly loadFails: number
  /** A loader has nothing to store. */
  readonly loadsNothing: number
  /** How long a value takes to be packed or unpacked outside the event loop; 0 = no such stage. */
  readonly packMsMax: number
  /** A loaded value cannot be packed. */
  readonly packFails: number
  /** A value is packed to what nobody can read. */
  readonly packsGarbage: number
  /** A caller asks for all keys in one turn. */
  readonly together: number
  readonly get: number
  readonly set: number
  readonly delete: number
  readonly expire: number
  /** How many tags there are; each is one of every other value. */
  readonly tags: number
  readonly invalidate: number
  readonly clear: number
  /** The store loses what it knows of a tag. */
  readonly evict: number
  readonly close: number
}

/** In this last part of its ttl a value may be loaded anew. */
export const EARLY_FRACTION = 0.2

export function drawCachePlan(dice: Dice, forced: Partial<CachePlan>): CachePlan {
  return {
    signals: dice.chance(0.6),
    clients: dice.pick([2, 2, 3, 4]),
    keys: dice.pick([1, 1, 2]),
    workers: dice.pick([1, 2, 3]),
    rounds: dice.pick([1, 2, 3, 5]),
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
    keptMsMax: dice.pick([0, 0, 2000]),
    jitter: dice.pick([0, 0.1, 0.5]),
    early: dice.pick([0, 1, 100]),
    softTimeoutMs: dice.pick([50, 60_000]),
    errorBackoffMs: dice.pick([0, 300]),
    openMs: dice.pick([50, 500]),
    microTtlMs: dice.pick([0, 100, 1000]),
    loadMs: dice.pick([
      [1, 50],
      [20, 600],
    ]),
    loadFails: dice.pick([0, 0.3]),
    loadsNothing: dice.pick([0, 0, 0.2]),
    packMsMax: dice.pick([0, 0, 5, 300]),
    packFails: dice.pick([0, 0, 0.2]),
    packsGarbage: dice.pick([0, 0, 0.2]),
    get: dice.pick([0, 0.2]),
    set: dice.pick([0, 0.1]),
    delete: dice.pick([0, 0.2]),
    expire: dice.pick([0, 0, 0.1]),
    tags: dice.pick([0, 0, 1, 2]),
    invalidate: dice.pick([0, 0.1, 0.3]),
    clear: dice.pick([0, 0, 0.1]),
    evict: dice.pick([0, 0, 0.1]),
    close: dice.pick([0, 0, 0.05]),
    together: dice.pick([0, 0, 0.3]),
    ...forced,
  }
}
