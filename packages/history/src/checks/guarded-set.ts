import type { Evidence } from '../evidence.ts'
import { groupBy } from '../group-by.ts'
import type { Operation } from '../operation.ts'
import type { Violation } from '../verdict.ts'

type Add = Operation<'add-to-set'>
type Read = Operation<'read-set'>

/**
 * A set that is read and written as a whole under a lock loses no element that was accepted, and has
 * none that was refused or never added. Excused where somebody wrote without a fence: a lease alone
 * does not stop who is late.
 */
export function guardedSet({ history }: Evidence): readonly Violation[] {
  const adds = groupBy(history.of('add-to-set'), ({ asked }) => asked.set)
  return history.of('read-set').flatMap((read) => judge(read, adds.get(read.asked.set) ?? []))
}

function judge(
  { asked, outcome, invokedMs, completedMs }: Read,
  adds: readonly Add[],
): Violation[] {
  if (outcome?.is !== 'seen') return []
  const unfenced = adds.some((add) => add.asked.fence === undefined)
  const seen = new Set(outcome.elements)
  const lost = adds.filter(
    (add) =>
      add.outcome?.is === 'written' && add.completedMs < invokedMs && !seen.has(add.asked.element),
  )
  const addable = new Set(
    adds
      .filter((add) => add.outcome?.is !== 'rejected' && add.invokedMs <= completedMs)
      .map((add) => add.asked.element),
  )
  const invented = outcome.elements.filter((element) => !addable.has(element))
  return [
    ...lost.map((add) => `has lost ${add.asked.element}, which ${add.process} has added`),
    ...invented.map((element) => `has ${element}, which nobody was let add`),
  ].map((message) => ({
    check: 'guarded set',
    message: `${asked.set} ${message}`,
    atMs: invokedMs,
    ...(unfenced && { excusedBy: 'writes without a fence' }),
  }))
}
