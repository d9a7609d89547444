/** Takes a lease and keeps it until it is killed. Arguments: the URL of a node, then those of the suite. */
import { runHolder } from '@locks/core/conformance'
import { createCluster } from 'redis'
import { redisClusterStore } from '../../src/index.ts'

const cluster = createCluster({ rootNodes: [{ url: process.argv[2] ?? '' }] })
await cluster.connect()
await runHolder(redisClusterStore(cluster))
