import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startRedis } from '@locks/test-servers'
import { redisFaults } from '../faults/redis-faults.ts'
import { serverWorld } from './server-world.ts'
import type { World } from './world.ts'

/** One Redis that persists what it accepts. */
export async function redisWorld({ privateNetwork }: { privateNetwork?: boolean }): Promise<World> {
  const dir = await mkdtemp(join(tmpdir(), 'locks-nemesis-redis-'))
  const persistent = ['--appendonly', 'yes', '--appendfsync', 'always']
  const world = await serverWorld({
    backend: 'redis',
    privateNetwork,
    start: (address) => {
      const there = address ? ['--bind', '127.0.0.1', address, '--protected-mode', 'no'] : []
      return startRedis({ dir, args: [...persistent, ...there] })
    },
    faults: (server) => redisFaults(server, dir),
  })
  return {
    ...world,
    skipped: {
      ...world.skipped,
      'server: step of its clock': 'all processes on a machine have one clock',
    },
    async [Symbol.asyncDispose]() {
      await world[Symbol.asyncDispose]()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
