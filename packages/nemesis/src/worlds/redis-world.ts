import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRedis } from '@locks/test-servers'
import { networkFaults } from '../faults/network-faults.ts'
import { redisFaults } from '../faults/redis-faults.ts'
import { workerFaults } from '../faults/worker-faults.ts'
import { startProxies } from './proxies.ts'
import type { World } from './world.ts'

const PLACES = 4

/** One Redis that persists what it accepts. */
export async function redisWorld(): Promise<World> {
  const dir = await mkdtemp(join(tmpdir(), 'locks-nemesis-redis-'))
  const args = ['--appendonly', 'yes', '--appendfsync', 'always']
  const server = await startRedis({ dir, args })
  const proxies = await startProxies(PLACES, [server.port])
  const proxiesOf = (place: number) => proxies[place] ?? []
  return {
    places: PLACES,
    faults: [...workerFaults, ...networkFaults(proxiesOf), ...redisFaults(server, dir)],
    skipped: {},
    settingsOf: (place) => ({
      backend: 'redis',
      addresses: proxiesOf(place).map(({ address }) => address),
      addressMap: {},
    }),
    async [Symbol.asyncDispose]() {
      for (const proxy of proxies.flat()) await proxy.stop()
      await server.stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
