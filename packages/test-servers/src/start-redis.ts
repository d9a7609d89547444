import { resolveBinary } from './binaries/resolve-binary.ts'
import { ServerProcess } from './processes/server-process.ts'
import type { TestServer } from './processes/test-server.ts'
import { RespConnection, RespError } from './protocols/resp-connection.ts'

/** Options of `startRedis`. */
export interface RedisOptions {
  /** Arguments of redis-server, after ours and therefore stronger: `['--maxmemory', '2mb']`. */
  readonly args?: readonly string[]
  /** Folder for the data of a server that persists; it is not removed. */
  readonly dir?: string
  /** Environment variables besides ours. */
  readonly env?: Readonly<Record<string, string>>
}

/** A Redis server; see `TestServer` for what can be done to it. */
export interface RedisServer extends TestServer {
  readonly url: string
}

/** Starts an empty Redis that writes nothing to disk; resolves when it answers. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const server = await ServerProcess.start({
    binary: await resolveBinary('redis-server'),
    env: options.env,
    args: (port, dir) => [
      ...['--port', String(port), '--bind', '127.0.0.1', '--daemonize', 'no'],
      ...['--save', '', '--appendonly', 'no', '--dir', options.dir ?? dir],
      ...(options.args ?? []),
    ],
    answers,
  })
  return Object.assign(server, { url: `redis://${server.address}` })
}

async function answers(port: number, pid: number, signal: AbortSignal): Promise<boolean> {
  using connection = await RespConnection.open(port, signal)
  try {
    if ((await connection.call('PING')) !== 'PONG') return false
    // A program that claims no ports may have been faster; ours is about to notice and to end.
    return String(await connection.call('INFO', 'server')).includes(`process_id:${pid}\r\n`)
  } catch (error) {
    // A server with a password is up when it asks for it.
    return error instanceof RespError && error.message.startsWith('NOAUTH')
  }
}
