import type { Clock } from '@locks/core'

const SECONDS_MAX = 30 * 24 * 3600

/** The longest TTL that memcached counts by itself; it takes a longer one for a date. */
export const OWN_TTL_MAX_MS = (SECONDS_MAX - 1) * 1000

/**
 * What memcached is told of a TTL. It counts in seconds of its own, and N of them last for more than N−1
 * and at most N. Above 30 days it wants the date at which the entry ends: this machine's, so its clock
 * decides there.
 */
export function wireTtl(ttlMs: number, clock: Clock): number {
  const seconds = Math.ceil(ttlMs / 1000) + 1
  return seconds <= SECONDS_MAX ? seconds : Math.ceil(clock.wall() / 1000) + seconds
}
