import type { Evidence } from '../evidence.ts'
import { groupBy } from '../group-by.ts'
import type { Operation } from '../operation.ts'
import type { Violation } from '../verdict.ts'

type Write = Operation<'write-counter'>
type Read = Operation<'read-counter'>

/**
 * A counter that is read and written under a lock counts every accepted write once. Excused where
 * somebody wrote without a fence.
 */
export function guardedCounter({ history }: Evidence): readonly Violation[] {
  const reads = groupBy(history.of('read-counter'), ({ asked }) => asked.counter)
  const writes = groupBy(history.of('write-counter'), ({ asked }) => asked.counter)
  return [...writes].flatMap(([counter, written]) => {
    const unfenced = written.some(({ asked }) => asked.fence === undefined)
    const found = [...twice(written), ...miscounted(reads.get(counter) ?? [], written)]
    return found.map(({ message, atMs }) => ({
      check: 'guarded counter',
      message: `${counter} ${message}`,
      atMs,
      ...(unfenced && { excusedBy: 'writes without a fence' }),
    }))
  })
}

type Found = Pick<Violation, 'message' | 'atMs'>

/** Two who wrote the same value have read the same: one of them is lost. */
function twice(writes: readonly Write[]): Found[] {
  const accepted = writes.filter(({ outcome }) => outcome?.is === 'written')
  return [...groupBy(accepted, ({ asked }) => String(asked.value)).values()].flatMap(
    ([first, ...others]) =>
      others.map((other) => ({
        message: `was set to ${other.asked.value} by ${first?.process} and by ${other.process}`,
        atMs: other.invokedMs,
      })),
  )
}

function miscounted(reads: readonly Read[], writes: readonly Write[]): Found[] {
  return reads.flatMap(({ outcome, invokedMs, completedMs }) => {
    if (outcome?.is !== 'seen') return []
    const least = writes.filter((write) => {
      return write.outcome?.is === 'written' && write.completedMs < invokedMs
    }).length
    const most = writes.filter((write) => {
      return write.outcome?.is !== 'rejected' && write.invokedMs <= completedMs
    }).length
    const { value } = outcome
    if (least <= value && value <= most) return []
    const message = `was ${value} after ${least} accepted writes, ${most} possible ones`
    return [{ message, atMs: invokedMs }]
  })
}
