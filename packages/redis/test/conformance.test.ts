import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, test } from '@jest/globals'
import { cacheStoreConformance, leaseStoreConformance } from '@locks/core/conformance'
import { documentedAcl, type RedisServer, RespConnection, startRedis } from '@locks/test-servers'
import { createClient } from 'redis'
import { type RedisClient, type RedisSubscriber, redisStore } from '../src/index.ts'
import { type Connected, connectors } from './clients.ts'

/** What the names and channels of the suites begin with. */
const PREFIXES = ['conformance*', 'list-*']

let redis: RedisServer
let pool: Connected
let single: ReturnType<typeof createClient>
beforeAll(async () => {
  redis = await startRedis()
  pool = await connectors['redis 6 pool'](redis.url)
  const acl = documentedAcl(['redis.md'], { password: 'of the app', prefixes: PREFIXES })
  using direct = await RespConnection.open(redis.port)
  await direct.call('ACL', 'SETUSER', 'app', ...acl)
  single = createClient({ url: redis.url, username: 'app', password: 'of the app' })
  // Each store of the suites adds its own.
  single.on('error', () => {}).setMaxListeners(0)
  await single.connect()
})
afterAll(async () => {
  single.destroy()
  await pool.close()
  await redis.stop()
})

// The suites create a store while this file is read; the server is up by the time they use one.
const singleClient: RedisClient = {
  sendCommand: (args, options) => single.sendCommand(args, options),
  duplicate: () => single.duplicate(),
}
const poolClient: RedisClient = {
  sendCommand: (args, options) => pool.client.sendCommand(args, options),
  execute: (task) => Promise.resolve(pool.client.execute?.(task)),
}
const subscriber: RedisSubscriber = {
  subscribe: (channel, listener) => single.subscribe(channel, listener),
  unsubscribe: (channel) => single.unsubscribe(channel),
  on: (event, listener) => single.on(event, listener),
}

const program = fileURLToPath(new URL('./programs/holder.ts', import.meta.url))
const holder = {
  command: process.execPath,
  get args() {
    return ['--import', 'tsx', '--conditions=@locks/source', program, redis.url]
  },
}

const options = { name: 'redisStore under the minimal ACL', create: () => redisStore(singleClient) }
leaseStoreConformance({ describe, test }, { ...options, holder })
cacheStoreConformance({ describe, test }, options)

const ofPool = { name: 'redisStore of a pool', create: () => redisStore(poolClient) }
leaseStoreConformance({ describe, test }, { ...ofPool, holder })
cacheStoreConformance({ describe, test }, ofPool)

const listening = {
  name: 'redisStore of a pool with a subscriber',
  create: () => redisStore(poolClient, { subscriber }),
}
leaseStoreConformance({ describe, test }, { ...listening, holder })
cacheStoreConformance({ describe, test }, listening)
