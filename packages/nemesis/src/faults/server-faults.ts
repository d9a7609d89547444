import type { TestServer } from '@locks/test-servers'
import type { Fault } from './fault.ts'
import { lasting } from './lasting.ts'

/** The process of a server stands still, and whatever `breaks` by that. */
export function serverStops(server: TestServer, breaks?: Fault['breaks']): Fault {
  const begin = async () => {
    await server.pause()
    return () => server.resume()
  }
  return lasting('server: SIGSTOP', 'server', begin, breaks)
}
