import { createLocks, optimistic, quorum } from '@locks/core'
import { cacheStep, leaseStep } from '@locks/core/spec'
import { HerdCache } from '@locks/herd-cache'
import { memcachedStore } from '@locks/memcached'
import { ConfirmedLeases } from '@locks/redis-cluster/parts'

/** The code under test, as it is. */
export const PRODUCTION = {
  createLocks,
  quorum,
  optimistic,
  ConfirmedLeases,
  HerdCache,
  memcachedStore,
  steps: { lease: leaseStep, cache: cacheStep },
}
