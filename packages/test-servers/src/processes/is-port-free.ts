import { once } from 'node:events'
import { createServer } from 'node:net'

/** Could a server listen on this loopback port now? */
export async function isPortFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening')
    await once(server.close(), 'close')
    return true
  } catch {
    return false
  }
}
