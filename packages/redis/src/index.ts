export * from '@locks/core'
export type {
  OwnConnection,
  RedisArgument,
  RedisClient,
  RedisReplyOptions,
  RedisSubscriber,
} from './redis-client.ts'
export { type RedisStoreOptions, redisStore } from './redis-store.ts'
