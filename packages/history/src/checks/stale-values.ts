import type { Evidence } from '../evidence.ts'
import { groupBy } from '../group-by.ts'
import type { Operation } from '../operation.ts'
import type { Violation } from '../verdict.ts'

type Read = Operation<'get' | 'getOrSet'>
type Source = Operation<'set' | 'load'>
type Change = Operation<'set' | 'delete'>

/**
 * What is read was written, and not removed or overwritten since: after a `set` or `delete` is done,
 * nobody reads what was there before, and no load that began before it stores its value. Readers in
 * other processes may be `staleMs` late, and `getOrSet` may be given what a load under way brings.
 */
export function staleValues(evidence: Evidence): readonly Violation[] {
  const { history } = evidence
  const sources = groupBy([...history.of('set'), ...history.of('load')], ({ asked }) => asked.key)
  const changes = groupBy([...history.of('set'), ...history.of('delete')], ({ asked }) => asked.key)
  const reads: readonly Read[] = [...history.of('get'), ...history.of('getOrSet')]
  return reads.flatMap((read) => {
    const { key } = read.asked
    return judge(read, sources.get(key) ?? [], changes.get(key) ?? [], evidence)
  })
}

function judge(
  read: Read,
  sources: readonly Source[],
  changes: readonly Change[],
  evidence: Evidence,
): Violation[] {
  if (read.outcome?.is !== 'found') return []
  const { value } = read.outcome
  const told = (message: string, excusedBy?: string): Violation => ({
    check: 'stale values',
    message: `${read.asked.key}: ${read.process} reads ${value}, ${message}`,
    atMs: read.invokedMs,
    ...(excusedBy && { excusedBy }),
  })
  const source = sources.find((each) => writtenBy(each) === value)
  if (!source || source.invokedMs > read.completedMs) return [told('which nobody has written')]
  const change = changes.find((each) => hides(each, source, read, evidence.expected.staleMs ?? 0))
  if (!change) return []
  const span = { fromMs: source.invokedMs, untilMs: read.completedMs }
  const excusedBy = read.kind === 'get' ? evidence.excuse('values', span) : evidence.trouble(span)
  return [told(`after the ${change.kind} in ${change.process}`, excusedBy)]
}

function writtenBy(source: Source): string | undefined {
  if (source.kind === 'set') return source.asked.value
  return source.outcome?.is === 'loaded' ? source.outcome.value : undefined
}

/** Whether after this change the read cannot come upon what is from that source. */
function hides(change: Change, source: Source, read: Read, staleMs: number): boolean {
  if (change === source || change.outcome?.is !== 'done') return false
  const lateMs = change.process === read.process ? 0 : staleMs
  if (read.invokedMs <= change.completedMs + lateMs) return false
  // A load that began before the change is void; but until they hear of that, others may join it.
  const mayJoin = source.kind === 'set' || read.kind === 'getOrSet'
  return (mayJoin ? source.completedMs : source.invokedMs) < change.invokedMs
}
