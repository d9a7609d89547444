import { type Counts, check, type History, type Operation, type Violation } from '@locks/history'
import type { Backend } from '../backend.ts'
import type { Run } from '../run.ts'
import { brokenConfirmations } from './confirmed-locks.ts'
import { losersNotTold } from './losers.ts'
import { lostComparisons } from './optimistic-counters.ts'

/** Renewals, elections and clients that reconnect come behind a fault. */
const RECOVERY_MS = 5000
const CONTENDED_SHARE = 0.3
/** Of the keys of the store, those whose order is too much to look for. */
const UNDECIDED_SHARE = 0.1
const ORDER_STEPS_MAX = 50_000
/**
 * A memcached that was stopped, for 3.5 s at most, finds out by its next tick: until then what is over
 * may still be there, and what it accepts is taken for as old as the stop.
 */
const TTL_SLACK_MS = { memory: 20, redis: 20, 'redis-cluster': 20, memcached: 10_000 }
/** Longer than anything is held and believed in. */
const HOLDING_MS = 15_000

export interface Least {
  readonly grants: number
  readonly ambiguous: number
  /** Commands straight to a store, of which an order was looked for. */
  readonly commands: number
  /** How often each fault must have struck while somebody held a lock. */
  readonly whileHeld: number
  /** Whether each known hole must have been seen. */
  readonly holes: boolean
}

export interface Judgement {
  readonly is: 'sound' | 'violated' | 'vacuous'
  readonly violations: readonly Violation[]
  /** What was seen too little of, a sentence each. */
  readonly vacuous: readonly string[]
  /** How often somebody was granted a lock that another still believed in, by what the guarantees except. */
  readonly holes: Readonly<Record<string, number>>
  readonly counts: Counts
  /** The longest wait that ended with a grant. */
  readonly worstWaitMs: number
}

/** What a run has shown. */
export function judge(run: Run, least: Least): Judgement {
  const { history } = run
  const faultsWhileHeld = Object.fromEntries(run.faults.map(({ kind }) => [kind, least.whileHeld]))
  const { grants, ambiguous, commands } = least
  const verdict = check(history, {
    atLeast: { grants, ambiguous, commands },
    faultsWhileHeld,
    recoveryMs: RECOVERY_MS,
    ttlSlackMs: TTL_SLACK_MS[run.backend],
    orderStepsMax: ORDER_STEPS_MAX,
  })
  const { counts, excused } = verdict
  const surprises = run.surprises.map((message) => ({ check: 'surprises', message, atMs: 0 }))
  const violations = [
    ...verdict.violations,
    ...surprises,
    ...losersNotTold(history),
    ...lostComparisons(history),
    ...brokenConfirmations(history, excused, HOLDING_MS),
  ]
  const holes = holesOf(run, excused)
  const share = counts.contended / Math.max(1, counts.grants + counts.refused)
  const vacuous = [
    ...verdict.vacuous,
    ...(share < CONTENDED_SHARE ? [`contended: ${share.toFixed(2)} of the requests`] : []),
    ...undecided(history, counts),
    ...(least.holes ? unseen(run, holes) : []),
  ]
  const is = violations.length > 0 ? 'violated' : vacuous.length > 0 ? 'vacuous' : 'sound'
  return { is, violations, vacuous, holes, counts, worstWaitMs: worstWaitMs(run) }
}

/** Where a victim is told later than its thief often enough to be asked for: within one process that is chance. */
const THEFT: readonly Backend[] = ['redis', 'redis-cluster']

function holesOf(run: Run, excused: readonly Violation[]): Record<string, number> {
  const known = run.faults.filter(({ breaks }) => breaks?.includes('exclusion'))
  const names = [
    ...known.map(({ kind }) => kind),
    ...(THEFT.includes(run.backend) ? ['theft'] : []),
  ]
  const holes = Object.fromEntries(names.map((name) => [name, 0]))
  for (const { check: by, excusedBy = '' } of excused) {
    if (by === 'mutual exclusion') holes[excusedBy] = (holes[excusedBy] ?? 0) + 1
  }
  holes['a pause before a write'] = run.refusedByFence + run.lostUpdates
  return holes
}

/** Those that a run must not miss: all but the rare ones. */
function unseen({ faults }: Run, holes: Readonly<Record<string, number>>): string[] {
  const rare = faults.filter(({ isRareHole }) => isRareHole).map(({ kind }) => kind)
  return Object.entries(holes).flatMap(([hole, times]) => {
    return times === 0 && !rare.includes(hole) ? [`the hole "${hole}" was never seen`] : []
  })
}

function undecided(history: History, counts: Counts): string[] {
  const sent = [...history.of('lease'), ...history.of('cache')]
  const keys = new Set(sent.map(({ asked }) => asked.key)).size
  if (counts.undecided <= keys * UNDECIDED_SHARE) return []
  return [`order of commands: not found in time for ${counts.undecided} of ${keys} keys`]
}

function worstWaitMs({ history }: Run): number {
  const granted = history.of('acquire').filter(({ outcome }) => outcome?.is === 'granted')
  const waitMs = ({ invokedMs, completedMs }: Operation<'acquire'>) => completedMs - invokedMs
  return granted.reduce((worst, acquire) => Math.max(worst, waitMs(acquire)), 0)
}
