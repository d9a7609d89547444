export * from '@locks/core'
export type { RedisArgument, RedisClient, RedisReplyOptions } from './redis-client.ts'
export { redisStore } from './redis-store.ts'
