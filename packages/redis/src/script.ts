import type { RedisArgument, RedisClient } from './redis-client.ts'

/** A Lua script of `src/lua`, as the server gets it. */
export interface Script {
  readonly name: string
  /** How many of its arguments are keys. */
  readonly keys: number
  readonly sha1: string
  readonly source: string
}

/** "Bulk strings as Buffers" in both spellings: npm redis 4 reads the first, 5 and 6 the second. */
const BINARY = { returnBuffers: true, typeMapping: { 36: Buffer } }

/** Sends one command; the bulk strings of its reply are Buffers. */
export function sendCommand(client: RedisClient, command: RedisArgument[]): Promise<unknown> {
  return client.sendCommand(command, BINARY)
}

/**
 * Runs a script by its hash, and with its text where the server does not have it.
 * `whole`: with its text at once, so that nothing sent behind it can run before it.
 */
export async function runScript(
  client: RedisClient,
  script: Script,
  args: readonly RedisArgument[],
  whole: boolean,
): Promise<unknown> {
  const tail = [String(script.keys), ...args]
  if (!whole) {
    try {
      return await sendCommand(client, ['EVALSHA', script.sha1, ...tail])
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
    }
  }
  return sendCommand(client, ['EVAL', script.source, ...tail])
}
