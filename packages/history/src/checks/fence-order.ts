import type { Claim } from '../claim.ts'
import type { Evidence } from '../evidence.ts'
import { groupBy } from '../group-by.ts'
import type { Violation } from '../verdict.ts'

/**
 * The fences of a lock's exclusive grants increase: from a grant that was known to every grant that was
 * asked for later, and from one holder's belief to the next one's. No two grants have the same.
 */
export function fenceOrder(evidence: Evidence): readonly Violation[] {
  const exclusive = evidence.claims.filter(
    ({ fence, units, capacity }) => fence !== undefined && units === capacity,
  ) as Fenced[]
  return [...groupBy(exclusive, ({ lock }) => lock).values()].flatMap((grants) => [
    ...twins(grants, evidence),
    ...later(
      grants,
      (a) => a.fromMs,
      (b) => b.grant.invokedMs,
      evidence,
      [],
    ),
    ...later(
      grants.filter(hasBelieved),
      (a) => a.untilMs,
      (b) => b.fromMs,
      evidence,
      grants,
    ),
  ])
}

type Fenced = Claim & { readonly fence: number }

const hasBelieved = ({ fromMs, untilMs }: Claim): boolean => untilMs > fromMs

function twins(grants: readonly Fenced[], evidence: Evidence): Violation[] {
  const sameFence = groupBy(grants, ({ fence }) => String(fence))
  return [...sameFence.values()].flatMap(([first, ...others]) =>
    others.map((other) => violation(first as Fenced, other, evidence, false)),
  )
}

/**
 * Whoever begins after another has ended has the greater fence. Given the `rivals` of a belief: it may be
 * heard of late, after a theft or after the store forgot it, and then tells nothing of the order of grants.
 */
function later(
  grants: readonly Fenced[],
  endOf: (grant: Fenced) => number,
  beginOf: (grant: Fenced) => number,
  evidence: Evidence,
  rivals: readonly Claim[],
): Violation[] {
  const stolen = rivals.some(({ grant }) => grant.asked.steals)
  if (stolen) return []
  const ended = grants.toSorted((a, b) => endOf(a) - endOf(b))
  const found: Violation[] = []
  let next = 0
  let highest: Fenced | undefined
  for (const grant of grants.toSorted((a, b) => beginOf(a) - beginOf(b))) {
    for (let other = ended[next]; other && endOf(other) <= beginOf(grant); other = ended[++next]) {
      if (!highest || other.fence > highest.fence) highest = other
    }
    if (!highest || highest === grant || grant.fence > highest.fence) continue
    found.push(violation(highest, grant, evidence, rivals.length > 0))
  }
  return found
}

function violation(a: Fenced, b: Fenced, evidence: Evidence, byBelief: boolean): Violation {
  const span = { fromMs: a.grant.invokedMs, untilMs: b.fromMs }
  const excusedBy =
    evidence.excuse('fences', span) ?? (byBelief ? evidence.excuse('exclusion', span) : undefined)
  return {
    check: 'fence order',
    message: `${b.lock}: ${b.token} has the fence ${b.fence}, and ${a.token} before it ${a.fence}`,
    atMs: b.fromMs,
    ...(excusedBy && { excusedBy }),
  }
}
