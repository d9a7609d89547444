import { once } from 'node:events'
import { createServer } from 'node:net'

/** A Redis Cluster node listens on a second port, at this distance from its first. */
export const busPortOffset = 10_000

const lowestPort = 10_000

/** Those who run tests side by side have ports of their own: what one kills must find its port again. */
const slices = 16

/**
 * A loopback port that nobody listens on, and whose bus port is free as well.
 *
 * Below the range from which systems give out ports by themselves: a server that is killed and
 * restarted must not lose its port to an outgoing connection in between.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const slice = Number(process.env.JEST_WORKER_ID ?? 0) % slices
    const port = lowestPort + Math.floor(((slice + Math.random()) / slices) * busPortOffset)
    if ((await isPortFree(port)) && (await isPortFree(port + busPortOffset))) return port
  }
}

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
