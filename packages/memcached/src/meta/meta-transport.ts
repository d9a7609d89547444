import { connect, isIP, type Socket } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import {
  type Clock,
  type Duration,
  InvalidArgumentError,
  systemClock,
  systemRandom,
} from '@locks/core'
import { checkGiven, guarded, toMs, withDeadline } from '@locks/core/parts'
import type { MemcachedTransport } from '../memcached-transport.ts'
import type { Command, Dialect, MetaVersion } from './dialect.ts'
import { Link, type Session } from './link.ts'
import { loginCommand, type MetaLogin } from './login-command.ts'

/** Where the server of `metaTransport` is, and how long it is waited for. */
export interface MetaTransportOptions {
  /** Default `127.0.0.1`. */
  readonly host?: string
  /** Default 11211. */
  readonly port?: number
  /** A unix socket, instead of `host` and `port`. */
  readonly path?: string
  /**
   * `true` encrypts the connection and checks the server's certificate; or the options of `node:tls` that
   * it takes, such as `{ ca }`. Default: it is not encrypted.
   */
  readonly tls?: boolean | ConnectionOptions
  /** For a server with `-Y`; without `tls` it is sent in plain text. Default: none. */
  readonly login?: MetaLogin
  /** For a connection to come about, and again for the answer to a command. Default 1 s. */
  readonly timeout?: Duration
  /** Told when the server has to be asked in text. What it throws is swallowed. */
  readonly onEvent?: (event: MetaTransportEvent) => void
  /** For tests: time from elsewhere. */
  readonly clock?: Clock
}

/** The server does not speak meta commands as it should, and is asked in text: release takes 2 more. */
export interface MetaTransportEvent {
  readonly type: 'fallback'
}

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
  const { timeout = '1s', login, clock = systemClock } = options
  const timeoutMs = toMs(timeout, 'timeout')
  const emit = guarded(options.onEvent)
  const link = new Link({
    connect: connector(options),
    login: login === undefined ? undefined : loginCommand(login),
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

/** Opens a connection. */
function connector({
  host = '127.0.0.1',
  port = 11_211,
  path,
  tls = false,
}: MetaTransportOptions): () => Socket {
  const isText = (text: unknown) => typeof text === 'string' && text !== ''
  if (!isText(host) || !(path === undefined || isText(path)))
    throw new InvalidArgumentError('host and path must be texts')
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    throw new InvalidArgumentError('port must be an integer from 1 to 65535')
  if (typeof tls !== 'boolean' && (typeof tls !== 'object' || tls === null))
    throw new InvalidArgumentError('tls must be true, false or options such as { ca }')
  const place = path === undefined ? { host, port } : { path }
  if (tls === false) return () => connect(place)
  // Not by itself, and never an address: the name by which a server chooses its certificate.
  const servername = path === undefined && isIP(host) === 0 ? host : ''
  return () => connectTls({ servername, ...(tls === true ? {} : tls), ...place })
}
