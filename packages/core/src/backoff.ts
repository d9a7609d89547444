import type { Random } from './random.ts'

/** The first delay, before jitter, and the longest one. */
export interface BackoffLimits {
  readonly firstMs: number
  readonly maxMs: number
}

/** The delay before try `attempt` (from 0): doubling, capped, and jittered down to a half. */
export function backoffMs(attempt: number, limits: BackoffLimits, random: Random): number {
  const fullMs = Math.min(limits.maxMs, limits.firstMs * 2 ** Math.min(attempt, 30))
  return fullMs * (0.5 + random.fraction() / 2)
}
