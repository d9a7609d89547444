import type { Claim } from '../claim.ts'
import type { Evidence } from '../evidence.ts'
import { groupBy } from '../group-by.ts'
import type { Violation } from '../verdict.ts'

/**
 * At no moment do the holders that believe in their share of a lock have more units than its capacity.
 * Excused: while the store may have forgotten the older one, and by a theft, whose victim hears of it later.
 */
export function mutualExclusion(evidence: Evidence): readonly Violation[] {
  const byLock = groupBy(evidence.claims, ({ lock }) => lock)
  return [...byLock.values()].flatMap((claims) => sweep(claims, evidence))
}

/** In order of their beginnings. */
function sweep(claims: readonly Claim[], evidence: Evidence): Violation[] {
  const found: Violation[] = []
  let active: readonly Claim[] = []
  for (const claim of claims) {
    // Seen at its grant and never again: whether it has believed for any time at all, nobody knows.
    if (claim.untilMs <= claim.fromMs) continue
    active = active.filter(({ untilMs }) => untilMs > claim.fromMs)
    if (active.length > 0 && !fits(active, claim)) found.push(violation(active, claim, evidence))
    active = [...active, claim]
  }
  return found
}

function fits(active: readonly Claim[], { units, capacity }: Claim): boolean {
  const taken = active.reduce((sum, claim) => sum + claim.units, 0)
  return taken + units <= capacity && active.every((claim) => claim.capacity === capacity)
}

function violation(active: readonly Claim[], claim: Claim, evidence: Evidence): Violation {
  const others = active.map(({ process, token }) => `${token} in ${process}`).join(', ')
  const sinceMs = Math.min(...active.map(({ grant }) => grant.invokedMs))
  const span = { fromMs: sinceMs, untilMs: claim.fromMs }
  const excusedBy = isTheft(active, claim, evidence) ? 'theft' : evidence.excuse('exclusion', span)
  return {
    check: 'mutual exclusion',
    message: `${claim.lock}: ${claim.token} in ${claim.process} is granted while it is claimed by ${others}`,
    atMs: claim.fromMs,
    ...(excusedBy && { excusedBy }),
  }
}

/** Whether those who were robbed, and have not heard of it, are what is too much. */
function isTheft(active: readonly Claim[], claim: Claim, evidence: Evidence): boolean {
  const isVictim = (holder: Claim) => wasRobbed(holder, claim.fromMs, evidence)
  return (
    isVictim(claim) ||
    fits(
      active.filter((holder) => !isVictim(holder)),
      claim,
    )
  )
}

/** Whether the lock may have been stolen from it by then. It may have heard of its grant later than the thief. */
function wasRobbed(
  { lock, fence = 0, grant }: Claim,
  atMs: number,
  { history, expected }: Evidence,
): boolean {
  const { recoveryMs = 0 } = expected
  return history.of('acquire').some((theft) => {
    const { asked, outcome, invokedMs, completedMs } = theft
    if (!asked.steals || asked.lock !== lock || theft === grant) return false
    if (outcome?.is === 'refused') return false
    if (outcome?.is === 'granted' && fence > (outcome.fence ?? Infinity)) return false
    // Without an answer it may be on its way for as long as a fault is felt.
    const endedMs = completedMs + (outcome?.is === 'unknown' ? recoveryMs : 0)
    return invokedMs <= atMs && endedMs >= grant.invokedMs
  })
}
