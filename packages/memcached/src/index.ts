export * from '@locks/core'
export { type MemcacheClient, memcacheClientTransport } from './memcache-client-transport.ts'
export type { MemcachedCallback, MemcachedClient } from './memcached-client.ts'
export { memcachedOptions } from './memcached-options.ts'
export { type MemcachedStoreOptions, memcachedStore } from './memcached-store.ts'
export type { MemcachedTransport, TextEntry, TextStored, TextWrite } from './memcached-transport.ts'
export type { MetaVersion } from './meta/dialect.ts'
export type { MetaLogin } from './meta/login-command.ts'
export {
  type MetaTransportEvent,
  type MetaTransportOptions,
  metaTransport,
} from './meta/meta-transport.ts'
