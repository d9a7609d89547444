import type { Evidence } from '../evidence.ts'
import { groupBy } from '../group-by.ts'
import type { History } from '../history.ts'
import type { Operation } from '../operation.ts'
import type { Violation } from '../verdict.ts'

type Load = Operation<'load'>
type Change = Operation<'set' | 'delete'>

/**
 * One load per key and freshness epoch: nobody loads while somebody else does, nor while what was
 * loaded is fresh, unless the entry was changed meanwhile. In troubled times more may run: leases are
 * lost and waits end.
 */
export function loadRuns(evidence: Evidence): readonly Violation[] {
  const { history } = evidence
  const changes = groupBy(changesOf(history), ({ asked }) => asked.key)
  const loads = groupBy(history.of('load'), ({ asked }) => asked.key)
  return [...loads].flatMap(([key, runs]) => {
    return needless(runs, changes.get(key) ?? [], evidence)
  })
}

function changesOf(history: History): readonly Change[] {
  return [...history.of('set'), ...history.of('delete')]
}

function needless(
  loads: readonly Load[],
  changes: readonly Change[],
  evidence: Evidence,
): Violation[] {
  const found: Violation[] = []
  let last: Load | undefined
  for (const load of loads) {
    if (last && isNeedless(last, load, changes)) {
      const span = { fromMs: last.invokedMs, untilMs: load.invokedMs }
      const excusedBy = evidence.trouble(span)
      found.push({
        check: 'load runs',
        message: `${load.asked.key} is loaded in ${load.process} beside the load in ${last.process}`,
        atMs: load.invokedMs,
        ...(excusedBy && { excusedBy }),
      })
    }
    // Of a process that died during its load nobody can expect more.
    if (load.outcome) last = load
  }
  return found
}

function isNeedless(last: Load, load: Load, changes: readonly Change[]): boolean {
  const { asked, outcome, completedMs, invokedMs } = last
  const endMs = outcome?.is === 'loaded' ? completedMs + asked.freshMs : completedMs
  if (load.invokedMs >= endMs) return false
  return !changes.some((change) => {
    return change.invokedMs <= load.invokedMs && change.completedMs >= invokedMs
  })
}
