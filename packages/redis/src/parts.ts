/** What the sibling package for Redis Cluster is built from. Not for applications: it may change in any release. */
export { GrantChannels, type GrantPushes } from './grant-channels.ts'
export { type IoredisConnection, ListeningConnection } from './listening-connection.ts'
export { Push, type PushListener } from './push.ts'
export { duplicateConnection } from './push-connection.ts'
export { redisCacheStore } from './redis-cache-store.ts'
export {
  keyPrefixOf,
  type OwnConnection,
  type RedisArgument,
  type RedisClient,
  type RedisReplyOptions,
} from './redis-client.ts'
export { redisLeaseStore } from './redis-lease-store.ts'
export type { Script } from './script.ts'
export { ScriptRunner } from './script-runner.ts'
