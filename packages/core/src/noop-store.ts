import { type Clock, systemClock } from './clock.ts'
import type { LeaseStore } from './contract/lease-store.ts'

/** Options of `noopStore`. */
export interface NoopStoreOptions {
  /** For tests: time from elsewhere. */
  readonly clock?: Clock
}

/**
 * A store that excludes nobody: every acquire is granted, and leases otherwise live and end as anywhere,
 * in this process. For tests and development, where the work under a lock matters and the lock does not.
 */
export function noopStore({ clock = systemClock }: NoopStoreOptions = {}): LeaseStore {
  /** By key and token: when the lease ends. */
  const leases = new Map<string, Map<string, number>>()

  function leasesOf(key: string): Map<string, number> {
    const ends = leases.get(key) ?? new Map<string, number>()
    for (const [token, endMs] of ends) if (endMs <= clock.now()) ends.delete(token)
    if (ends.size === 0) leases.delete(key)
    return ends
  }

  return {
    facts: { ttlResolutionMs: 1, durability: 'none', fencing: false, exclusive: false },
    acquire({ key, token, ttlMs }) {
      leases.set(key, leasesOf(key).set(token, clock.now() + ttlMs))
      return { state: 'granted', remainingMs: ttlMs }
    },
    extend({ key, token, ttlMs, newToken = token }) {
      const ends = leasesOf(key)
      if (!ends.delete(token) && !ends.has(newToken)) return { state: 'absent' }
      ends.set(newToken, clock.now() + ttlMs)
      leases.set(key, ends)
      return { state: 'extended', remainingMs: ttlMs }
    },
    release({ key, token }) {
      return { state: leasesOf(key).delete(token) ? 'released' : 'absent' }
    },
    async inspect(key) {
      const holders = Array.from(leasesOf(key), ([token, endMs]) => {
        return { token, units: 1, remainingMs: endMs - clock.now() }
      })
      return { holders, capacity: 1, waiters: 0 }
    },
  }
}
