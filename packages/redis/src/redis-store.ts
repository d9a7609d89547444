import type { CacheStore, LeaseStore } from '@locks/core'
import { redisCacheStore } from './redis-cache-store.ts'
import type { RedisClient } from './redis-client.ts'
import { redisLeaseStore } from './redis-lease-store.ts'
import { ScriptRunner } from './script-runner.ts'

/**
 * A store on one Redis, by a client that stays the caller's: it is never closed, and gets no
 * listeners. Leases live in the server's memory; its clock alone decides when they end.
 */
export function redisStore(client: RedisClient): LeaseStore & CacheStore {
  const runner = new ScriptRunner(client)
  const leases = redisLeaseStore(runner)
  const cache = redisCacheStore(runner)
  return {
    ...leases,
    ...cache,
    facts: { ...leases.facts, ...cache.facts },
    async close() {},
  }
}
