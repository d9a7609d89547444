import type { TestServer } from '@locks/test-servers'
import type { Fault } from './fault.ts'
import { lasting } from './lasting.ts'

/** The process of any server stands still. Nothing is forgotten, and its clock goes on. */
export function serverStops(servers: () => readonly TestServer[]): Fault {
  return lasting('server: SIGSTOP', 'server', async ({ chance }) => {
    const server = chance.pick(servers())
    await server.pause()
    return () => server.resume()
  })
}
