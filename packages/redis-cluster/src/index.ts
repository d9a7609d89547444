export * from '@locks/core'
export { redisClusterStore } from './cluster-store.ts'
export type { ClusterNode, NodeClient, OwnNodeClient, RedisCluster } from './node-redis-driver.ts'
