import { groupBy, type History, type Operation, type Violation } from '@locks/history'
import { OPTIMISTIC } from '../lock-names.ts'

type Write = Operation<'write-counter'>

/** Two who set a counter to the same value by comparison: one is lost, unless the store has forgotten it. */
export function lostComparisons(history: History): readonly Violation[] {
  const written = history.of('write-counter').filter(({ asked, outcome }) => {
    return asked.counter.startsWith(OPTIMISTIC) && outcome?.is === 'written'
  })
  const values = groupBy(written, ({ asked }) => `${asked.counter} = ${asked.value}`)
  return [...values].flatMap(([what, writes]) =>
    writes.slice(1).flatMap((write, i) => {
      const before = writes[i] as Write
      if (forgot(history, before.invokedMs, write.completedMs)) return []
      const message = `${what} was set by ${before.process} and by ${write.process}`
      return [{ check: 'optimistic counter', message, atMs: write.invokedMs }]
    }),
  )
}

function forgot(history: History, fromMs: number, untilMs: number): boolean {
  return history.of('fault').some(({ asked, invokedMs, completedMs }) => {
    return asked.breaks?.includes('values') && invokedMs <= untilMs && completedMs >= fromMs
  })
}
