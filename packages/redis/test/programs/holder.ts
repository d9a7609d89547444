/** Takes a lease and keeps it until it is killed. Arguments: the server's URL, then those of the suite. */
import { runHolder } from '@locks/core/conformance'
import { createClient } from 'redis'
import { redisStore } from '../../src/index.ts'

const client = createClient({ url: process.argv[2] ?? '' })
await client.connect()
await runHolder(redisStore(client))
