import { type Claim, overlaps } from './claim.ts'
import { groupBy } from './group-by.ts'
import type { History } from './history.ts'

const COUNT_NAMES = [
  'operations',
  /** Locks granted. */
  'grants',
  /** Requests for a lock, made while somebody else claimed it. */
  'contended',
  'refused',
  /** Outcomes that nobody knows, those of killed processes included. */
  'ambiguous',
  /** Holders that were told, or found out, that their lock is lost. */
  'losses',
  'loads',
  /** Values and misses that were read from caches. */
  'reads',
  /** Writes that a guarded resource has accepted. */
  'guardedWrites',
  /** Writes that it has refused for their fence. */
  'fencedOff',
  /** Commands to stores whose order was checked. */
  'commands',
  /** Keys whose order was not found within the bounds of the search. */
  'undecided',
  'faults',
  /** Faults that began, or went on, while somebody held a lock. */
  'faultsWhileHeld',
] as const

export type CountName = (typeof COUNT_NAMES)[number]

/** What a run has seen. */
export interface Counts extends Readonly<Record<CountName, number>> {
  readonly byFault: Readonly<Record<string, { readonly times: number; readonly whileHeld: number }>>
}

export function countHistory(
  history: History,
  claims: readonly Claim[],
  searched: { readonly commands: number; readonly undecided: number },
): Counts {
  const outcomes = tally(history.operations.map(({ outcome }) => outcome?.is ?? 'unknown'))
  const of = (is: string) => outcomes.get(is) ?? 0
  const byFault = countFaults(history, claims)
  const faults = Object.values(byFault)
  return {
    operations: history.operations.length,
    grants: of('granted'),
    contended: countContended(history, claims),
    refused: of('refused'),
    ambiguous: history.operations.filter(isAmbiguous).length,
    losses: history.of('lost').length + of('lost'),
    loads: history.of('load').length,
    reads: of('found') + of('absent'),
    guardedWrites: of('written'),
    fencedOff: of('rejected'),
    ...searched,
    faults: faults.reduce((sum, { times }) => sum + times, 0),
    faultsWhileHeld: faults.reduce((sum, { whileHeld }) => sum + whileHeld, 0),
    byFault,
  }
}

function isAmbiguous({ kind, outcome }: History['operations'][number]): boolean {
  if (kind === 'fault' || kind === 'load') return false
  return outcome === undefined || outcome.is === 'unknown'
}

function countContended(history: History, claims: readonly Claim[]): number {
  const byLock = groupBy(claims, ({ lock }) => lock)
  return history.of('acquire').filter(({ asked, invokedMs, process }) => {
    const others = byLock.get(asked.lock) ?? []
    return others.some((claim) => {
      const isElsewhere = claim.process !== process || claim.fromMs < invokedMs
      return isElsewhere && claim.fromMs <= invokedMs && invokedMs < claim.untilMs
    })
  }).length
}

function countFaults(history: History, claims: readonly Claim[]): Counts['byFault'] {
  const counts: Record<string, { times: number; whileHeld: number }> = {}
  for (const { asked, invokedMs, completedMs } of history.of('fault')) {
    const count = counts[asked.fault] ?? { times: 0, whileHeld: 0 }
    counts[asked.fault] = count
    count.times++
    const span = { fromMs: invokedMs, untilMs: completedMs }
    if (claims.some((claim) => overlaps(claim, span))) count.whileHeld++
  }
  return counts
}

function tally(words: readonly string[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1)
  return counts
}
