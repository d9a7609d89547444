import { fileURLToPath } from 'node:url'
import { afterAll, describe, test } from '@jest/globals'
import { cacheStoreConformance, leaseStoreConformance } from '@locks/core/conformance'
import { startRedisCluster } from '@locks/test-servers'
import { connectors } from './clients.ts'

// The suites create a store while this file is read.
const servers = await startRedisCluster()
const client = await connectors['ioredis 6'](servers.urls)
afterAll(async () => {
  await client.close()
  await servers.stop()
})

const program = fileURLToPath(new URL('./programs/holder.ts', import.meta.url))
const holder = {
  command: process.execPath,
  args: ['--import', 'tsx', '--conditions=@locks/source', program, servers.urls[0] ?? ''],
}

const options = { name: 'redisClusterStore of ioredis 6', create: () => client.store({}) }
leaseStoreConformance({ describe, test }, { ...options, holder })
cacheStoreConformance({ describe, test }, options)
