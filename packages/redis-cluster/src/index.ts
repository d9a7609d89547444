export * from '@locks/core'
export { type RedisClusterStoreOptions, redisClusterStore } from './cluster-store.ts'
export type {
  ClusterNode,
  NodeClient,
  OwnNodeClient,
  RedisCluster,
  ReplicaOverrides,
} from './node-redis-driver.ts'
