import { connect } from 'node:net'
import { type Clock, InvalidArgumentError, systemClock, systemRandom } from '@locks/core'
import { checkGiven, guarded, withDeadline } from '@locks/core/parts'
import type { MemcachedTransport } from '../memcached-transport.ts'
import type { Command, Dialect, MetaVersion } from './dialect.ts'
import { Link, type Session } from './link.ts'

/** Where the server of `metaTransport` is, and how long it is waited for. */
export interface MetaTransportOptions {
  /** Default `127.0.0.1`. */
  readonly host?: string
  /** Default 11211. */
  readonly port?: number
  /** A unix socket, instead of `host` and `port`. */
  readonly path?: string
  /** For a connection to come about, and again for the answer to a command. Default 1000. */
  readonly timeoutMs?: number
  /** Told when the server has to be asked in text. What it throws is swallowed. */
  readonly onEvent?: (event: MetaTransportEvent) => void
  /** For tests: time from elsewhere. */
  readonly clock?: Clock
}

/** The server does not speak meta commands as it should, and is asked in text: release takes 2 more. */
export interface MetaTransportEvent {
  readonly type: 'fallback'
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

  // Async only where a connection must be opened first: each promise more is a tenth of the way.
  const send = <Result>(command: (dialect: Dialect) => Command<Result>): Promise<Result> => {
    const session = link.current
    return session
      ? session.connection.send(command(session.dialect))
      : open().then(({ connection, dialect }) => connection.send(command(dialect)))
  }
  /** Only on the connection that told the id. */
  const compare = <Result>(
    { connection: identity, cas }: MetaVersion,
    command: (dialect: Dialect, cas: string) => Command<Result>,
    refusal: Awaited<Result>,
  ): Promise<Result> => {
    const on = ({ connection, dialect }: Session): Promise<Result> =>
      connection.identity === identity
        ? connection.send(command(dialect, cas))
        : Promise.resolve(refusal)
    const session = link.current
    return session ? on(session) : open().then(on)
  }

  return {
    servers: 1,
    keyBytesMax: 250,
    get: (key) => send((dialect) => dialect.get(key)),
    add: (write) => send((dialect) => dialect.add(write)),
    compareAndSet: (write, version) =>
      compare(version, (dialect, cas) => dialect.compareAndSet(write, cas), undefined),
    compareAndDelete: (key, version) =>
      compare(version, (dialect, cas) => dialect.compareAndDelete(key, cas), false),
    async set(write) {
      await send((dialect) => dialect.set(write))
    },
    delete: (key) => send((dialect) => dialect.delete(key)),
    close: () => link.close(),
  }
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
