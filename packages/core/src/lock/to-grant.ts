import type { Wanted } from './attempt.ts'
import type { Grant } from './grant.ts'

/** What was wanted, granted. Each field by name: a spread costs more than all else that is done here. */
export function toGrant(
  wanted: Wanted,
  token: string,
  fence: number | undefined,
  validUntilMs: number,
  grantedAtMs: number,
  short?: Grant['short'],
): Grant {
  return {
    name: wanted.name,
    key: wanted.key,
    ttlMs: wanted.ttlMs,
    graceMs: wanted.graceMs,
    renew: wanted.renew,
    waitMs: wanted.waitMs,
    signal: wanted.signal,
    mode: wanted.mode,
    units: wanted.units,
    capacity: wanted.capacity,
    maxHoldMs: wanted.maxHoldMs,
    steal: wanted.steal,
    fair: wanted.fair,
    fences: wanted.fences,
    token,
    fence,
    validUntilMs,
    grantedAtMs,
    short,
  }
}
