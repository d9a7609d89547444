import type { Evidence } from '../evidence.ts'
import { groupBy } from '../group-by.ts'
import type { Operation } from '../operation.ts'
import type { Violation } from '../verdict.ts'

type Inspect = Operation<'inspect'>
type Touch = Operation<'acquire' | 'held' | 'extend' | 'release' | 'lost'>

const ORPHAN_MS = 1000

/**
 * What nobody owns does not stay in the store: a token that was given up is gone after its ttl, and so is
 * any other when nothing has happened to the lock for the longest ttl.
 */
export function orphans(evidence: Evidence): readonly Violation[] {
  const { history, expected } = evidence
  const touches: readonly Touch[] = (
    ['acquire', 'held', 'extend', 'release', 'lost'] as const
  ).flatMap((kind) => history.of(kind) as readonly Touch[])
  const byLock = groupBy(touches, ({ asked }) => asked.lock)
  return history.of('inspect').flatMap((inspect) => {
    return judge(inspect, byLock.get(inspect.asked.lock) ?? [], expected.orphanMs ?? ORPHAN_MS)
  })
}

function judge(inspect: Inspect, touches: readonly Touch[], orphanMs: number): Violation[] {
  const { outcome, asked, invokedMs } = inspect
  if (outcome?.is !== 'seen') return []
  const before = touches.filter((touch) => touch.invokedMs <= invokedMs)
  const keptMs = longestTtlMs(before) + orphanMs
  const quietSinceMs = Math.max(...before.map((touch) => lastSignOf(touch, invokedMs)))
  return outcome.holders.flatMap((token) => {
    const gaveUpMs = givenUpAtMs(token, before)
    const sinceMs = gaveUpMs ?? quietSinceMs
    if (invokedMs <= sinceMs + keptMs || (gaveUpMs === undefined && isSeenLater(token))) return []
    const message = `${asked.lock} is held by ${token}, whom nobody owns since ${sinceMs} ms`
    return [{ check: 'orphans', message, atMs: invokedMs }]
  })

  function isSeenLater(token: string): boolean {
    return touches.some((touch) => {
      return touch.kind === 'held' && touch.asked.token === token && touch.invokedMs > invokedMs
    })
  }
}

function longestTtlMs(touches: readonly Touch[]): number {
  return touches.reduce((longest, { asked }) => {
    return 'ttlMs' in asked ? Math.max(longest, asked.ttlMs) : longest
  }, 0)
}

/** What goes on now has given its last sign now; what never ended, at its beginning. */
function lastSignOf({ outcome, invokedMs, completedMs }: Touch, nowMs: number): number {
  return outcome ? Math.min(completedMs, nowMs) : invokedMs
}

/** The first moment at which its owner knew that it is over. */
function givenUpAtMs(token: string, touches: readonly Touch[]): number | undefined {
  const ends = touches.flatMap((touch) => {
    if (touch.kind === 'acquire' || touch.asked.token !== token) return []
    if (touch.kind === 'lost') return [touch.invokedMs]
    if (touch.kind !== 'release') return []
    return [touch.outcome ? touch.completedMs : touch.invokedMs]
  })
  return ends.length > 0 ? Math.min(...ends) : undefined
}
