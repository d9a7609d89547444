import { resolveBinary } from './binaries/resolve-binary.ts'
import { ServerProcess } from './processes/server-process.ts'
import type { TestServer } from './processes/test-server.ts'
import { textExchange } from './protocols/text-exchange.ts'

/** Options of `startMemcached`. */
export interface MemcachedOptions {
  /** Memory for items, in megabytes. */
  readonly memoryMb?: number
  /** Arguments of memcached, after ours and therefore stronger. */
  readonly args?: readonly string[]
  /** What it must be sent before it answers, such as a login. */
  readonly greeting?: string
}

/** A memcached server; clients take its `address`. */
export type MemcachedServer = TestServer

/** Starts an empty memcached, loopback only, without UDP; resolves when it answers. */
export async function startMemcached(options: MemcachedOptions = {}): Promise<MemcachedServer> {
  return ServerProcess.start({
    binary: await resolveBinary('memcached'),
    args: (port) => [
      ...['-l', '127.0.0.1', '-p', String(port), '-U', '0', '-m', String(options.memoryMb ?? 64)],
      // Started by root, it demands to be told whom to run as.
      ...(process.getuid?.() === 0 ? ['-u', 'root'] : []),
      ...(options.args ?? []),
    ],
    answers: (...who) => answers(options.greeting ?? '', ...who),
  })
}

async function answers(
  greeting: string,
  port: number,
  pid: number,
  signal: AbortSignal,
): Promise<boolean> {
  // A program that claims no ports may have been faster; ours is about to notice and to end.
  const stats = await textExchange(port, `${greeting}version\r\nstats\r\n`, /END\r\n$/, signal)
  return /^VERSION /m.test(stats) && stats.includes(`STAT pid ${pid}\r\n`)
}
