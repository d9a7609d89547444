import type { CacheStore, LeaseStore } from '@locks/core'
import { ScriptRunner } from '@locks/redis/parts'
import { clusterCacheStore } from './cluster-cache-store.ts'
import type { ClusterDriver } from './cluster-driver.ts'
import { clusterLeaseStore } from './cluster-lease-store.ts'
import { ClusterPush } from './cluster-push.ts'
import { nodeRedisDriver, type RedisCluster } from './node-redis-driver.ts'
import { routedClient } from './routed-client.ts'
import { SlotChannels } from './slot-channels.ts'

/**
 * A store on a Redis Cluster of version 7 or later, by a client that stays the caller's: it is never
 * closed, gets no listeners, and none of its settings is changed. Each lock and each entry lives in one
 * slot. The first waiter opens connections of our own that listen, one per master at most; they are
 * closed with the last user.
 */
export function redisClusterStore(cluster: RedisCluster): LeaseStore & CacheStore {
  return clusterStore(nodeRedisDriver(cluster))
}

/** The store by any client. */
export function clusterStore(driver: ClusterDriver): LeaseStore & CacheStore {
  const runner = new ScriptRunner(routedClient(driver))
  const push = new ClusterPush(driver)
  const leases = clusterLeaseStore(driver, runner, new SlotChannels(driver, push))
  const cache = clusterCacheStore(driver, runner, push)
  return {
    ...leases,
    ...cache,
    facts: { ...leases.facts, ...cache.facts, durability: 'async-replica' },
  }
}
