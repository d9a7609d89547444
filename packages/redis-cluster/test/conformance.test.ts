import { fileURLToPath } from 'node:url'
import { afterAll, describe, test } from '@jest/globals'
import { cacheStoreConformance, leaseStoreConformance } from '@locks/core/conformance'
import { documentedAcl, startRedisCluster } from '@locks/test-servers'
import { createCluster } from 'redis'
import { redisClusterStore } from '../src/index.ts'
import { call } from './cluster-world.ts'

// The suites create a store while this file is read.
const servers = await startRedisCluster()
// What the names and channels of the suites begin with.
const acl = documentedAcl(['redis.md', 'redis-cluster.md'], {
  password: 'of the app',
  prefixes: ['conformance*', 'list-*'],
})
for (const { port } of servers.nodes) await call(port, 'ACL', 'SETUSER', 'app', ...acl)
const cluster = createCluster({
  rootNodes: servers.urls.map((url) => ({ url })),
  defaults: { username: 'app', password: 'of the app' },
})
cluster.on('error', () => {})
await cluster.connect()
afterAll(async () => {
  cluster.destroy()
  await servers.stop()
})

const program = fileURLToPath(new URL('./programs/holder.ts', import.meta.url))
const holder = {
  command: process.execPath,
  args: ['--import', 'tsx', '--conditions=@locks/source', program, servers.urls[0] ?? ''],
}

const options = {
  name: 'redisClusterStore of redis 6 under the minimal ACL',
  create: () => redisClusterStore(cluster, {}),
}
leaseStoreConformance({ describe, test }, { ...options, holder })
cacheStoreConformance({ describe, test }, options)
