import { afterAll, beforeAll, describe, test } from '@jest/globals'
import { leaseStoreConformance } from '@locks/core/conformance'
import { type RedisServer, startRedis } from '@locks/test-servers'
import { createClient } from 'redis'
import { quorum, type RedisClient, redisStore } from '../src/index.ts'

const NODES = [0, 1, 2]
let servers: RedisServer[]
let clients: ReturnType<typeof createClient>[]
beforeAll(async () => {
  servers = await Promise.all(NODES.map(() => startRedis()))
  clients = servers.map(({ url }) => createClient({ url }))
  for (const client of clients) client.on('error', () => {}).setMaxListeners(0)
  await Promise.all(clients.map((client) => client.connect()))
})
afterAll(async () => {
  for (const client of clients) client.destroy()
  await Promise.all(servers.map((server) => server.stop()))
})

// The suite creates a store while this file is read; the servers are up by the time it uses one.
const clientOf = (index: number): RedisClient => {
  const client = () => clients[index] as ReturnType<typeof createClient>
  return {
    sendCommand: (args, options) => client().sendCommand(args, options),
    duplicate: () => client().duplicate(),
  }
}

leaseStoreConformance(
  { describe, test },
  {
    name: 'a quorum of three servers',
    // A busy machine is no dead node.
    create: () =>
      quorum(
        NODES.map((index) => redisStore(clientOf(index))),
        { nodeTimeout: '20s' },
      ),
  },
)
