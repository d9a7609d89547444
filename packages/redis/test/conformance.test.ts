import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, test } from '@jest/globals'
import { cacheStoreConformance, leaseStoreConformance } from '@locks/core/conformance'
import { type RedisServer, startRedis } from '@locks/test-servers'
import { type RedisClient, redisStore } from '../src/index.ts'
import { type Connected, connectClient } from './clients.ts'

let redis: RedisServer
let connected: Connected
beforeAll(async () => {
  redis = await startRedis()
  connected = await connectClient(redis.url)
})
afterAll(async () => {
  await connected.close()
  await redis.stop()
})

// The suites create a store while this file is read; the server is up by the time they use one.
const client: RedisClient = {
  sendCommand: (args, options) => connected.client.sendCommand(args, options),
}
const options = { name: 'redisStore', create: () => redisStore(client) }
const program = fileURLToPath(new URL('./programs/holder.ts', import.meta.url))
const holder = {
  command: process.execPath,
  get args() {
    return ['--import', 'tsx', '--conditions=@locks/source', program, redis.url]
  },
}

leaseStoreConformance({ describe, test }, { ...options, holder })
cacheStoreConformance({ describe, test }, options)
