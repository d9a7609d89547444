import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRedis } from '@locks/test-servers'
import { CLOCK_STEP, clockFault, redisFaults } from '../faults/redis-faults.ts'
import { ifAllowed } from './if-allowed.ts'
import { serverWorld } from './server-world.ts'
import { SteppedClocks } from './stepped-clocks.ts'
import type { World, WorldOptions } from './world.ts'

/** One Redis that persists what it accepts. */
export async function redisWorld({ privateNetwork, steppedClocks }: WorldOptions): Promise<World> {
  const dir = await mkdtemp(join(tmpdir(), 'locks-nemesis-redis-'))
  const openClocks = steppedClocks ? () => SteppedClocks.open(1) : undefined
  const { it: clocks, skipped } = await ifAllowed(CLOCK_STEP, openClocks)
  const persistent = ['--appendonly', 'yes', '--appendfsync', 'always']
  const world = await serverWorld({
    backend: 'redis',
    privateNetwork,
    start: (address) => {
      const there = address ? ['--bind', '127.0.0.1', address, '--protected-mode', 'no'] : []
      return startRedis({ dir, env: clocks?.envOf(0) ?? {}, args: [...persistent, ...there] })
    },
    faults: (server) => [...redisFaults(server, dir), ...(clocks ? [clockFault(clocks)] : [])],
  })
  return {
    ...world,
    skipped: { ...world.skipped, ...skipped },
    async [Symbol.asyncDispose]() {
      await world[Symbol.asyncDispose]()
      await clocks?.[Symbol.asyncDispose]()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
