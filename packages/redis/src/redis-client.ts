/** A part of a command, sent as it is. */
export type RedisArgument = string | Buffer

/** How replies are wanted; each version of the client takes what it knows of it. */
export interface RedisReplyOptions {
  /** Of version 4: texts come as bytes. */
  readonly returnBuffers?: boolean
  /** From version 5 on: which kind of reply comes as what. */
  readonly typeMapping?: Readonly<Record<number, unknown>>
  /** How long a command may wait to be sent, ms; 0 = as long as it takes. */
  readonly timeout?: number
}

/**
 * The client that the caller makes, connects and closes: `createClient` of npm redis 4.6, 5 or 6, or
 * `createClientPool` of 5 or 6. Nothing else of it is needed, so it is easily wrapped.
 */
export interface RedisClient {
  /** What the client itself puts before the keys of each command: they come back with it in pushes. */
  readonly clientKeyPrefix?: string
  /** Sends one command as it is; resolves to its reply, rejects with its error. */
  sendCommand(args: RedisArgument[], options?: RedisReplyOptions): Promise<unknown>
  /** The same connection, with other options for all that is sent by it. */
  withCommandOptions?(options: RedisReplyOptions): RedisClient
  /** What is behind it keeps keys in several places: those of one command must be in the same. */
  readonly oneSlot?: boolean
  /** Of a pool: lends one connection for the length of the task. */
  execute?(task: (connection: RedisClient) => Promise<unknown>): Promise<unknown>
  /** Of a single client: another one like it, not yet connected. */
  duplicate?(): OwnConnection
}

/** What `duplicate` of a single client gives. */
export interface OwnConnection extends RedisSubscriber {
  connect(): Promise<unknown>
  on(event: 'ready' | 'reconnecting' | 'error', listener: () => void): unknown
  unref?(): void
  destroy?(): void
  disconnect?(): Promise<void>
}

/**
 * A connection that listens. Its owner has connected it and handles its errors, and it subscribes again
 * by itself after a reconnect; all versions of npm redis do.
 */
export interface RedisSubscriber {
  subscribe(channel: string, listener: (message: string) => void): Promise<unknown>
  unsubscribe(channel: string): Promise<unknown>
  on(event: 'ready' | 'reconnecting', listener: () => void): unknown
}

/**
 * The `keyPrefix` that npm redis 6 can be given. Its raw `sendCommand`, the one way that all versions
 * share, leaves it out: two applications told apart by nothing else would share their entries.
 */
export function keyPrefixOf(client: RedisClient): string {
  const { _keyPrefix: prefix } = client as { readonly _keyPrefix?: RedisArgument }
  return prefix === undefined ? '' : String(prefix)
}
