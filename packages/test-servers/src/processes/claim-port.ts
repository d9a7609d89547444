import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { isPortFree } from './is-port-free.ts'

/** A Redis Cluster node listens on a second port, at this distance from its first. */
const busOffset = 10_000
/** Of the port on which nothing is served: whoever listens there has the first. */
const guardOffset = 5_000
/** Ports, guards and bus ports are below the range that systems give to outgoing connections. */
const lowestPort = 10_000

/** A loopback port that nobody else uses, nor its bus port. */
export interface PortClaim extends Disposable {
  readonly port: number
}

/**
 * Claims a port against all other processes that claim theirs here, until it is disposed of or this
 * process ends, however it ends: a server that is killed finds its port again.
 */
export async function claimPort(): Promise<PortClaim> {
  for (;;) {
    const port = lowestPort + Math.floor(Math.random() * guardOffset)
    const guard = await listen(port + guardOffset)
    if (!guard) continue
    // Looked at by its owner only: whoever looks listens for a moment, and would be in the way of a server.
    const isOurs = (await isPortFree(port)) && (await isPortFree(port + busOffset))
    if (isOurs) return { port, [Symbol.dispose]: () => void guard.close() }
    guard.close()
  }
}

/** `undefined`: somebody else does. */
async function listen(port: number): Promise<Server | undefined> {
  const server = createServer((socket) => socket.destroy()).unref()
  try {
    await once(server.listen(port, '127.0.0.1'), 'listening')
    return server
  } catch {
    return undefined
  }
}
