import { startMemcached } from '@locks/test-servers'
import { memcachedFaults } from '../faults/memcached-faults.ts'
import { serverWorld } from './server-world.ts'
import type { World, WorldOptions } from './world.ts'

/** A memcached so small that it soon evicts. */
export function memcachedWorld({ privateNetwork }: WorldOptions): Promise<World> {
  return serverWorld({
    backend: 'memcached',
    privateNetwork,
    start: (address) => {
      // Besides the loopback, where it listens anyway.
      const args = address ? ['-l', address] : []
      return startMemcached({ memoryMb: 2, args })
    },
    faults: memcachedFaults,
  })
}
