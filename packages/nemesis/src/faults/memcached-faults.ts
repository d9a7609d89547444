import { setTimeout as sleep } from 'node:timers/promises'
import { type MemcachedServer, textExchange } from '@locks/test-servers'
import { type Fault, FORGETS } from './fault.ts'
import { lasting, sudden } from './lasting.ts'
import { serverStops } from './server-faults.ts'

const FILLERS = 4000
/** About as long as a lock, for it is evicted by what is as long as itself. */
const FILLER = 'x'.repeat(40)

/** What can befall a memcached with little memory. */
export function memcachedFaults(server: MemcachedServer): readonly Fault[] {
  let filled = 0
  const fill = async () => {
    const commands = Array.from(
      { length: FILLERS },
      () => `set filler-${filled++} 0 0 ${FILLER.length} noreply\r\n${FILLER}\r\n`,
    )
    await textExchange(server.port, `${commands.join('')}version\r\n`, /VERSION .*\r\n$/)
  }
  return [
    // Its clock ticks once a second: what it accepts before the next tick it takes for as old as the stop.
    { isRareHole: true, ...serverStops(server, ['exclusion']) },
    lasting(
      'server: SIGKILL, restart',
      'server',
      async () => {
        await server.kill()
        return () => server.restart()
      },
      FORGETS,
    ),
    sudden(
      'server: flush_all',
      'server',
      () => textExchange(server.port, 'flush_all\r\n', /OK\r\n$/),
      FORGETS,
    ),
    sudden(
      'server: eviction',
      'server',
      async () => {
        for (let round = 0; round < 20; round++) {
          await fill()
          await sleep(5)
        }
      },
      FORGETS,
    ),
  ]
}
