import { fenceOrder } from './checks/fence-order.ts'
import { guardedCounter } from './checks/guarded-counter.ts'
import { guardedSet } from './checks/guarded-set.ts'
import { loadRuns } from './checks/load-runs.ts'
import { mutualExclusion } from './checks/mutual-exclusion.ts'
import { orphans } from './checks/orphans.ts'
import { staleValues } from './checks/stale-values.ts'
import { storeOrder } from './checks/store-order.ts'
import { countHistory } from './counts.ts'
import { Evidence } from './evidence.ts'
import type { Expectations } from './expectations.ts'
import type { History } from './history.ts'
import { vacuities } from './vacuities.ts'
import type { Verdict, Violation } from './verdict.ts'

const CHECKS: readonly ((evidence: Evidence) => readonly Violation[])[] = [
  mutualExclusion,
  fenceOrder,
  guardedSet,
  guardedCounter,
  loadRuns,
  staleValues,
  orphans,
]

/** Judges a run by its history. */
export function check(history: History, expected: Expectations): Verdict {
  const evidence = new Evidence(history, expected)
  const { violations: disorder, ...searched } = storeOrder(evidence)
  const found = [...CHECKS.flatMap((find) => find(evidence)), ...disorder]
  found.sort((a, b) => a.atMs - b.atMs)
  const counts = countHistory(history, evidence.claims, searched)
  const violations = found.filter(({ excusedBy }) => excusedBy === undefined)
  const excused = found.filter(({ excusedBy }) => excusedBy !== undefined)
  const vacuous = vacuities(counts, expected)
  const is = violations.length > 0 ? 'violated' : vacuous.length > 0 ? 'vacuous' : 'sound'
  return { is, violations, excused, counts, vacuous }
}
