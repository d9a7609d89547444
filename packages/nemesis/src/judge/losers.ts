import {
  type Claim,
  claimsOf,
  groupBy,
  type History,
  type Operation,
  type Violation,
} from '@locks/history'

type Told = Operation<'extend' | 'release'>

/** Beyond a ttl nobody who asks in vain believes: the clocks of the checks are read later than the library's. */
const ROUNDING_MS = 5

/**
 * Whoever has lost its exclusive lock to another, whatever the store did, is told at its next renewal: what
 * it extends or gives back after the other's grant is not answered "yes", and its belief ends within a ttl.
 * Those who hold a lease in turn may give it to the next one of their process without asking anybody.
 */
export function losersNotTold(history: History): readonly Violation[] {
  const claims = claimsOf(history).filter(({ units, capacity }) => units === capacity)
  const calls = [...history.of('extend'), ...history.of('release')]
  const callsOf = groupBy(calls as readonly Told[], ({ asked }) => asked.token)
  return [...groupBy(claims, ({ lock }) => lock).values()].flatMap((ofLock) =>
    ofLock.flatMap((winner, i) =>
      ofLock
        .slice(Math.max(0, i - NEIGHBOURS), i)
        .filter((loser) => loser.untilMs > winner.fromMs && isLater(winner, loser))
        .flatMap((loser) => judge(loser, winner, callsOf.get(loser.token) ?? [])),
    ),
  )
}

/** Whoever hears of a grant last has not always been granted last. */
function isLater(winner: Claim, loser: Claim): boolean {
  if (winner.fence !== undefined && loser.fence !== undefined) return winner.fence > loser.fence
  return winner.grant.invokedMs > loser.fromMs
}

/** Of so many grants of one lock in a row one may still be believed in. */
const NEIGHBOURS = 50

function judge(loser: Claim, winner: Claim, calls: readonly Told[]): Violation[] {
  const { lock, token, process, grant } = loser
  const violation = (message: string): Violation => ({
    check: 'losses are told',
    message: `${lock}: ${token} in ${process} ${message} ${winner.token} had been granted`,
    atMs: winner.fromMs,
  })
  const yes = calls.some(({ invokedMs, outcome }) => {
    if (invokedMs <= winner.fromMs) return false
    return outcome?.is === 'extended' || (outcome?.is === 'released' && !grant.asked.inTurns)
  })
  const late = loser.untilMs > winner.fromMs + grant.asked.ttlMs + ROUNDING_MS
  return [
    ...(yes ? [violation('was told that it holds the lock after')] : []),
    ...(late ? [violation('believed for longer than a ttl after')] : []),
  ]
}
