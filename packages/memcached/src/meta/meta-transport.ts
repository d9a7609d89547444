import { connect } from 'node:net'
import { type Clock, InvalidArgumentError, systemClock, systemRandom } from '@locks/core'
import { checkGiven, guarded, withDeadline } from '@locks/core/parts'
import type { MemcachedTransport, TextStored } from '../memcached-transport.ts'
import type { Stored } from './dialect.ts'
import { Link, type Session } from './link.ts'

export interface MetaTransportOptions {
  /** Default `127.0.0.1`. */
  readonly host?: string
  /** Default 11211. */
  readonly port?: number
  /** A unix socket, instead of `host` and `port`. */
  readonly path?: string
  /** For a connection to come about, and again for the answer to a command. Default 1000. */
  readonly timeoutMs?: number
  readonly onEvent?: (event: MetaTransportEvent) => void
  /** For tests: time from elsewhere. */
  readonly clock?: Clock
}

/** The server does not speak meta commands as it should, and is asked in text: release takes 2 more. */
export interface MetaTransportEvent {
  readonly type: 'fallback'
}

/** An id, and the connection that told it: the ids of a server that was restarted begin anew. */
export interface MetaVersion {
  readonly connection: symbol
  readonly cas: string
}

const TIMEOUT_MAX_MS = 2 ** 31 - 1

/**
 * A connection of our own to one memcached, by its meta commands: acquire, extend and release are one
 * round trip each, since whatever is stored tells its id.
 *
 * It connects with the first command, and after a break with the next one, with a back-off. Every
 * connection is probed: a server or proxy that lacks meta commands, or does not compare ids, is asked in
 * text, and `onEvent` is told. An id counts only on the connection that told it. What was sent and not
 * answered when the connection ends is rejected, and never sent again. Idle it keeps no process alive.
 * @throws InvalidArgumentError for an option that cannot be.
 */
export function metaTransport(
  options: MetaTransportOptions = {},
): MemcachedTransport<MetaVersion> & { close(): Promise<void> } {
  checkGiven(options, 'options')
  const { host = '127.0.0.1', port = 11_211, path, timeoutMs = 1000, clock = systemClock } = options
  checkTimeout(timeoutMs)
  checkPlace({ host, port, path })
  const emit = guarded(options.onEvent)
  const link = new Link({
    connect: () => connect(path === undefined ? { host, port } : { path }),
    onFallback: () => emit({ type: 'fallback' }),
    timeoutMs,
    clock,
    random: systemRandom,
  })
  const open = () => withDeadline(clock, timeoutMs, link.session())

  return {
    servers: 1,
    keyBytesMax: 250,

    async get(key) {
      const { connection, dialect } = link.current ?? (await open())
      const item = await connection.send(dialect.get(key))
      if (!item) return undefined
      const { cas, ...entry } = item
      return { ...entry, version: { connection: connection.identity, cas } }
    },

    async add(write) {
      const session = link.current ?? (await open())
      return toldBy(session, await session.connection.send(session.dialect.add(write)))
    },

    async compareAndSet(write, { connection, cas }) {
      const session = link.current ?? (await open())
      if (session.connection.identity !== connection) return undefined
      const stored = session.connection.send(session.dialect.compareAndSet(write, cas))
      return toldBy(session, await stored)
    },

    async compareAndDelete(key, version) {
      const { connection, dialect } = link.current ?? (await open())
      if (connection.identity !== version.connection) return false
      return connection.send(dialect.compareAndDelete(key, version.cas))
    },

    async set(write) {
      const { connection, dialect } = link.current ?? (await open())
      await connection.send(dialect.set(write))
    },

    async delete(key) {
      const { connection, dialect } = link.current ?? (await open())
      return connection.send(dialect.delete(key))
    },

    close: () => link.close(),
  }
}

function toldBy(
  { connection }: Session,
  stored: Stored | undefined,
): TextStored<MetaVersion> | undefined {
  if (stored?.cas === undefined) return stored && {}
  return { version: { connection: connection.identity, cas: stored.cas } }
}

function checkPlace({
  host,
  port,
  path,
}: {
  host: string
  port: number
  path: string | undefined
}) {
  const isText = (text: unknown) => typeof text === 'string' && text !== ''
  if (!isText(host) || !(path === undefined || isText(path)))
    throw new InvalidArgumentError('host and path must be texts')
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new InvalidArgumentError('port must be an integer from 1 to 65535')
}

function checkTimeout(timeoutMs: number): void {
  if (Number.isSafeInteger(timeoutMs) && timeoutMs > 0 && timeoutMs <= TIMEOUT_MAX_MS) return
  throw new InvalidArgumentError(`timeoutMs must be an integer from 1 to ${TIMEOUT_MAX_MS}`)
}
