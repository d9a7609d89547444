import { startMemcached } from '@locks/test-servers'
import { memcachedFaults } from '../faults/memcached-faults.ts'
import { networkFaults } from '../faults/network-faults.ts'
import { workerFaults } from '../faults/worker-faults.ts'
import { startProxies } from './proxies.ts'
import type { World } from './world.ts'

const PLACES = 4

/** A memcached so small that it soon evicts. */
export async function memcachedWorld(): Promise<World> {
  const server = await startMemcached({ memoryMb: 2 })
  const proxies = await startProxies(PLACES, [server.port])
  const proxiesOf = (place: number) => proxies[place] ?? []
  return {
    places: PLACES,
    faults: [...workerFaults, ...networkFaults(proxiesOf), ...memcachedFaults(server)],
    skipped: {},
    settingsOf: (place) => ({
      backend: 'memcached',
      addresses: proxiesOf(place).map(({ address }) => address),
      addressMap: {},
    }),
    async [Symbol.asyncDispose]() {
      for (const proxy of proxies.flat()) await proxy.stop()
      await server.stop()
    },
  }
}
