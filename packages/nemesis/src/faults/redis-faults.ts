import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type RedisServer, RespConnection } from '@locks/test-servers'
import type { SteppedClocks } from '../worlds/stepped-clocks.ts'
import { type Fault, FORGETS } from './fault.ts'
import { lasting, sudden } from './lasting.ts'
import { serverStops } from './server-faults.ts'

/** What can befall a Redis that has written all it accepted to the disk, in `dir`. */
export function redisFaults(server: RedisServer, dir: string): readonly Fault[] {
  const say = async (...words: (string | number)[]) => {
    using connection = await RespConnection.open(server.port)
    await connection.call(...words)
  }
  const restartEmpty = async () => {
    await server.kill()
    await rm(join(dir, 'appendonlydir'), { recursive: true, force: true })
    await server.restart()
  }
  return [
    serverStops(server),
    lasting('server: SIGKILL, restart with its data', 'server', async () => {
      await server.kill()
      return () => server.restart()
    }),
    sudden('server: SIGKILL, restart empty', 'server', restartEmpty, FORGETS),
    sudden('server: CLIENT PAUSE', 'server', async (scene) => {
      await say('CLIENT', 'PAUSE', scene.durationMs(), 'ALL')
      await say('PING')
    }),
    sudden('server: SCRIPT FLUSH', 'server', () => say('SCRIPT', 'FLUSH')),
    sudden('server: FLUSHALL', 'server', () => say('FLUSHALL'), FORGETS),
  ]
}

/** Leases end early, by as much. */
export function clockFault(clocks: SteppedClocks): Fault {
  return sudden(
    CLOCK_STEP,
    'server',
    ({ chance }) => clocks.step(0, chance.between(500, 10_000)),
    FORGETS,
  )
}

export const CLOCK_STEP = 'server: its wall clock steps ahead'
