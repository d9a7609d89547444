import { NO_FAULTS } from '../faults.ts'
import type { Violation } from '../time/violation.ts'
import { runSeed, type Tested } from './campaign.ts'
import type { Outcome, Setup } from './schedule.ts'

/** What a schedule takes another course without is looked for in as many others, of its kind. */
const TRIES = 16
/** Seeds that are so far apart are about the same. */
const KIND = 32
const ROUNDS_MAX = 4

/** A small schedule in which the same invariant breaks. */
export interface Shrunk {
  readonly seed: number
  readonly violation: Violation
  readonly setup: Setup
  readonly lines: readonly string[]
  readonly events: number
  /** Of the schedule that it was made from. */
  readonly eventsBefore: number
}

type Failed = Outcome & { readonly seed: number; readonly violation: Violation }

/**
 * Switches off whatever the violation of the schedule of `seed` does not need: processes, rounds, faults,
 * kinds of calls. @returns `undefined` when the schedule violates nothing.
 */
export async function shrink(tested: Tested, seed: number): Promise<Shrunk | undefined> {
  const found = await fails(tested, seed)
  if (!found) return undefined
  let forced: Setup = { faults: {}, plan: {} }
  let smallest = found
  for (let round = 0, before = -1; round < ROUNDS_MAX && before !== smallest.events; round++) {
    before = smallest.events
    for (const cut of cutsOf(smallest.setup)) {
      const tried = merged(forced, cut)
      const left = await firstFailure(tested, smallest, tried)
      if (!left) continue
      forced = tried
      smallest = left
    }
  }
  const { setup, violation, events } = smallest
  const { lines = [] } = await runSeed(tested, smallest.seed, true, forced)
  return { seed: smallest.seed, violation, setup, lines, events, eventsBefore: found.events }
}

async function firstFailure(
  tested: Tested,
  { seed, violation, events }: Failed,
  forced: Setup,
): Promise<Failed | undefined> {
  for (let i = 0; i < TRIES; i++) {
    const failed = await fails(tested, seed + i * KIND, forced)
    if (failed?.violation.invariant === violation.invariant && failed.events <= events)
      return failed
  }
  return undefined
}

async function fails(tested: Tested, seed: number, forced?: Setup): Promise<Failed | undefined> {
  const outcome = await runSeed(tested, seed, false, forced)
  const { violation } = outcome
  return violation && { ...outcome, seed, violation }
}

/** One thing less each. */
const cutsOf = (setup: Setup): Setup[] => [
  ...smallerCounts(setup),
  ...withoutFaults(setup),
  ...withoutCalls(setup),
]

const COUNTS = { clients: 2, workers: 1, rounds: 1, names: 1, keys: 1 }

function* smallerCounts({ plan }: Setup): Iterable<Setup> {
  for (const [name, least] of Object.entries(COUNTS)) {
    const count = plan[name]
    if (typeof count !== 'number' || count <= least) continue
    for (const less of new Set([least, count - 1])) yield { faults: {}, plan: { [name]: less } }
  }
}

function* withoutFaults({ faults }: Setup): Iterable<Setup> {
  for (const [name, none] of Object.entries(NO_FAULTS)) {
    if (faults[name as keyof typeof faults] !== none) yield { faults: { [name]: none }, plan: {} }
  }
}

function* withoutCalls({ plan }: Setup): Iterable<Setup> {
  for (const [name, value] of Object.entries(plan)) {
    if (value === true) yield { faults: {}, plan: { [name]: false } }
    if (typeof value !== 'number' || value === 0) continue
    if (value < 1 || name.endsWith('Max')) yield { faults: {}, plan: { [name]: 0 } }
  }
}

const merged = (a: Setup, b: Setup): Setup => ({
  faults: { ...a.faults, ...b.faults },
  plan: { ...a.plan, ...b.plan },
})
