import type { RedisArgument, RedisClient } from './redis-client.ts'

/** A Lua script of `src/lua`, as the server gets it. */
export interface Script {
  readonly name: string
  /** How many of its arguments are keys. */
  readonly keys: number
  readonly sha1: string
  readonly source: string
}

/** How a command is sent. */
export interface Sending {
  /** With its text at once, so that nothing sent behind it can run before it. */
  readonly whole: boolean
  /** Waits for its turn as long as it takes; else the client may give up what it cannot send. */
  readonly patient: boolean
}

/** "Bulk strings as Buffers" in both spellings: npm redis 4 reads the first, 5 and 6 the second. */
const BINARY = { returnBuffers: true, typeMapping: { 36: Buffer } }
/** npm redis 6 watches each command until it is sent, by an AbortSignal that costs more than the sending. */
const UNWATCHED = { ...BINARY, timeout: 0 }

/** Sends one command; the bulk strings of its reply are Buffers. */
export function sendCommand(
  client: RedisClient,
  command: RedisArgument[],
  { patient = false } = {},
): Promise<unknown> {
  return client.sendCommand(command, patient ? UNWATCHED : BINARY)
}

/** Runs a script by its hash, and with its text where the server does not have it. */
export async function runScript(
  client: RedisClient,
  script: Script,
  args: readonly RedisArgument[],
  sending: Sending,
): Promise<unknown> {
  const tail = [String(script.keys), ...args]
  if (!sending.whole) {
    try {
      return await sendCommand(client, ['EVALSHA', script.sha1, ...tail], sending)
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
    }
  }
  return sendCommand(client, ['EVAL', script.source, ...tail], sending)
}
