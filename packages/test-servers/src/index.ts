export type { Binary, ServerName } from './binaries/binary.ts'
export { resolveBinary } from './binaries/resolve-binary.ts'
export { documentedAcl } from './documented-acl.ts'
export { ensureServers } from './ensure-servers.ts'
export { claimPort, type PortClaim } from './processes/claim-port.ts'
export {
  type Program,
  type ProgramExit,
  type ProgramOptions,
  spawnProgram,
} from './processes/spawn-program.ts'
export type { TestServer } from './processes/test-server.ts'
export { RespConnection, RespError, type RespReply } from './protocols/resp-connection.ts'
export { textExchange } from './protocols/text-exchange.ts'
export { type ProxyOptions, startProxy, type TestProxy } from './proxy/start-proxy.ts'
export { type MemcachedOptions, type MemcachedServer, startMemcached } from './start-memcached.ts'
export { type RedisOptions, type RedisServer, startRedis } from './start-redis.ts'
export {
  type RedisCluster,
  type RedisClusterNode,
  type RedisClusterOptions,
  startRedisCluster,
} from './start-redis-cluster.ts'
