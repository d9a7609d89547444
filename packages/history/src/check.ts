import { mutualExclusion } from './checks/mutual-exclusion.ts'
import { countHistory } from './counts.ts'
import { Evidence } from './evidence.ts'
import type { Expectations } from './expectations.ts'
import type { History } from './history.ts'
import { vacuities } from './vacuities.ts'
import type { Verdict, Violation } from './verdict.ts'

const CHECKS: readonly ((evidence: Evidence) => readonly Violation[])[] = [mutualExclusion]

/** Judges a run by its history. */
export function check(history: History, expected: Expectations): Verdict {
  const evidence = new Evidence(history, expected)
  const found = CHECKS.flatMap((find) => find(evidence)).toSorted((a, b) => a.atMs - b.atMs)
  const counts = countHistory(history, evidence.claims, { commands: 0, undecided: 0 })
  const violations = found.filter(({ excusedBy }) => excusedBy === undefined)
  const excused = found.filter(({ excusedBy }) => excusedBy !== undefined)
  const vacuous = vacuities(counts, expected)
  const is = violations.length > 0 ? 'violated' : vacuous.length > 0 ? 'vacuous' : 'sound'
  return { is, violations, excused, counts, vacuous }
}
