/** Starts servers, prints their ports, and never stops them. */
import { startMemcached, startRedis } from '@locks/test-servers'

const servers = await Promise.all([startRedis(), startMemcached()])
await servers[0].pause()
console.log(servers.map(({ port }) => port).join())
process.stdin.once('data', () => process.exit())
