import type { CacheStore, LeaseStore } from '@locks/core'
import { checkGiven } from '@locks/core/parts'
import { clusterStore, type RedisClusterStoreOptions } from './cluster-store.ts'
import { type IoredisCluster, ioredisDriver } from './ioredis-driver.ts'

export * from '@locks/core'
export type { RedisClusterStoreOptions } from './cluster-store.ts'
export type {
  IoredisCluster,
  IoredisNode,
  IoredisNodeConnection,
  IoredisNodeOverrides,
} from './ioredis-driver.ts'

/**
 * A store on a Redis Cluster of version 7 or later, by a client of ioredis that stays the caller's: it is
 * never closed, gets no listeners, and none of its settings is changed. What ioredis sends again after a
 * lost connection does no harm: each command may run twice.
 * @throws InvalidArgumentError
 */
export function redisClusterStore(
  cluster: IoredisCluster,
  options: RedisClusterStoreOptions = {},
): LeaseStore & CacheStore {
  checkGiven(cluster, 'a client of Redis Cluster', 'nodes')
  return clusterStore(ioredisDriver(cluster), options)
}
