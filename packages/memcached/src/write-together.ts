import type { MemcachedClient } from './memcached-client.ts'

interface CorkableSocket {
  readonly writableCorked: number
  cork(): void
  uncork(): void
}

type Connected = (error: unknown, socket: Partial<CorkableSocket> | false | undefined) => unknown
type Connect = (server: string, callback: Connected) => unknown

/** Whose calls a client makes now: ours, whose commands leave together, or those of another. */
export interface Together {
  isCalling: boolean
}

const TOGETHER = Symbol.for('@locks/memcached/together')

/**
 * The client hands each command to the system by itself, which costs more than all the rest. While
 * `isCalling`, its commands wait for the others of their turn instead; those of whoever else uses it do
 * not. A client of another make is left alone.
 */
export function writeTogether(client: MemcachedClient): Together {
  const guardable = client as { connect?: Connect; [TOGETHER]?: Together }
  const known = guardable[TOGETHER]
  if (known) return known
  const together: Together = { isCalling: false }
  guardable[TOGETHER] = together
  const { connect } = guardable
  if (!connect) return together
  guardable.connect = function guarded(server, callback) {
    if (!together.isCalling) return connect.call(this, server, callback)
    return connect.call(this, server, (error, socket) => {
      if (!error && isSocket(socket)) holdForTurn(socket)
      return callback(error, socket)
    })
  }
  return together
}

const isSocket = (socket: Partial<CorkableSocket> | false | undefined): socket is CorkableSocket =>
  typeof socket === 'object' && socket.writableCorked !== undefined

function holdForTurn(socket: CorkableSocket): void {
  if (socket.writableCorked > 0) return
  socket.cork()
  process.nextTick(() => socket.uncork())
}
