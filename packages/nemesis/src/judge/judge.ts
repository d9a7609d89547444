import { type Counts, check, type Operation, type Violation } from '@locks/history'
import { FORGETS } from '../faults/fault.ts'
import type { Run } from '../run.ts'
import { brokenConfirmations } from './confirmed-locks.ts'
import { losersNotTold } from './losers.ts'
import { lostComparisons } from './optimistic-counters.ts'

/** Renewals, elections and clients that reconnect come behind a fault. */
const RECOVERY_MS = 5000
const CONTENDED_SHARE = 0.3
/** Longer than anything is held and believed in. */
const HOLDING_MS = 15_000

export interface Least {
  readonly grants: number
  readonly ambiguous: number
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
  const atLeast = { grants: least.grants, ambiguous: least.ambiguous }
  const verdict = check(history, { atLeast, faultsWhileHeld, recoveryMs: RECOVERY_MS })
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
    ...(least.holes ? unseen(holes) : []),
  ]
  const is = violations.length > 0 ? 'violated' : vacuous.length > 0 ? 'vacuous' : 'sound'
  return { is, violations, vacuous, holes, counts, worstWaitMs: worstWaitMs(run) }
}

function holesOf(run: Run, excused: readonly Violation[]): Record<string, number> {
  const known = run.faults.filter(({ breaks }) => breaks === FORGETS)
  const holes = Object.fromEntries(known.map(({ kind }) => [kind, 0]))
  for (const { check: by, excusedBy = '' } of excused) {
    if (by === 'mutual exclusion') holes[excusedBy] = (holes[excusedBy] ?? 0) + 1
  }
  holes['a pause before a write'] = run.refusedByFence + run.lostUpdates
  return holes
}

function unseen(holes: Readonly<Record<string, number>>): string[] {
  return Object.entries(holes).flatMap(([hole, times]) => {
    return times === 0 ? [`the hole "${hole}" was never seen`] : []
  })
}

function worstWaitMs({ history }: Run): number {
  const granted = history.of('acquire').filter(({ outcome }) => outcome?.is === 'granted')
  const waitMs = ({ invokedMs, completedMs }: Operation<'acquire'>) => completedMs - invokedMs
  return granted.reduce((worst, acquire) => Math.max(worst, waitMs(acquire)), 0)
}
