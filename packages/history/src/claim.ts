import type { Granted } from './calls.ts'
import type { History } from './history.ts'
import type { Operation } from './operation.ts'

export interface Span {
  readonly fromMs: number
  readonly untilMs: number
}

/** While a holder believed in its lock, as far as it has said so. */
export interface Claim extends Span {
  readonly lock: string
  readonly token: string
  readonly process: string
  readonly units: number
  readonly capacity: number
  readonly fence: number | undefined
  readonly grant: Operation<'acquire'>
}

/**
 * From the grant to the last moment at which the holder was seen to believe. Who believes at two moments
 * believes between them, since what is lost is never held again; so a claim is never longer than the belief.
 */
export function claimsOf(history: History): readonly Claim[] {
  const claims = new Map<string, Open>()
  for (const grant of history.of('acquire')) {
    if (grant.outcome?.is !== 'granted') continue
    const { token, fence } = grant.outcome as Granted
    const { lock, units = 1, capacity = 1 } = grant.asked
    const { process, completedMs: fromMs } = grant
    const claim = { lock, token, process, units, capacity, fence, grant, fromMs, untilMs: fromMs }
    claims.set(keyOf(claim), claim)
  }
  for (const { asked, invokedMs } of history.of('held')) {
    const claim = claims.get(keyOf(asked))
    if (claim) claim.untilMs = Math.max(claim.untilMs, invokedMs)
  }
  return [...claims.values()].toSorted((a, b) => a.fromMs - b.fromMs)
}

/** Spans that only touch do not. */
export function overlaps(a: Span, b: Span): boolean {
  return a.fromMs < b.untilMs && b.fromMs < a.untilMs
}

type Open = Omit<Claim, 'untilMs'> & { untilMs: number }

const keyOf = ({ lock, token }: { readonly lock: string; readonly token: string }): string =>
  `${token} ${lock}`
