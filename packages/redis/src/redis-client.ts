export type RedisArgument = string | Buffer

/** How replies are wanted; each version of the client takes what it knows of it. */
export interface RedisReplyOptions {
  readonly returnBuffers?: boolean
  readonly typeMapping?: Readonly<Record<number, unknown>>
}

/**
 * The client that the caller makes, connects and closes: `createClient` of npm redis 4.6, 5 or 6, or
 * `createClientPool` of 5 or 6. Nothing else of it is needed, so it is easily wrapped.
 */
export interface RedisClient {
  sendCommand(args: RedisArgument[], options?: RedisReplyOptions): Promise<unknown>
  /** Of a pool: lends one connection for the length of the task. */
  execute?(task: (connection: RedisClient) => Promise<unknown>): Promise<unknown>
}

/**
 * The `keyPrefix` that npm redis 6 can be given. Its raw `sendCommand`, the one way that all versions
 * share, leaves it out: two applications told apart by nothing else would share their entries.
 */
export function keyPrefixOf(client: RedisClient): string {
  const { _keyPrefix: prefix } = client as { readonly _keyPrefix?: RedisArgument }
  return prefix === undefined ? '' : String(prefix)
}
