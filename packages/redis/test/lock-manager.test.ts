import { afterAll, beforeAll } from '@jest/globals'
import { type RedisServer, startRedis } from '@locks/test-servers'
import { lockManagerRules } from '../../core/test/lock-manager-rules.ts'
import { redisStore } from '../src/index.ts'
import { type Connected, connectClient } from './clients.ts'

let server: RedisServer
let connected: Connected
beforeAll(async () => {
  server = await startRedis()
  connected = await connectClient(server.url)
})
afterAll(async () => {
  await connected.close()
  await server.stop()
})

lockManagerRules('Web Locks on Redis', () => redisStore(connected.client))
