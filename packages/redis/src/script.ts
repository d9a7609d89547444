import type { RedisArgument } from './redis-client.ts'
import type { Sending, Wire } from './wire.ts'

/** A Lua script of `src/lua`, as the server gets it. */
export interface Script {
  readonly name: string
  /** How many of its arguments are keys. */
  readonly keys: number
  readonly sha1: string
  readonly source: string
}

/** How a script is sent. */
export interface ScriptSending extends Sending {
  /** With its text at once, so that nothing sent behind it can run before it. */
  readonly whole: boolean
}

/** Runs a script by its hash, and with its text where the server does not have it. */
export async function runScript(
  wire: Wire,
  script: Script,
  args: readonly RedisArgument[],
  sending: ScriptSending,
): Promise<unknown> {
  const tail = [String(script.keys), ...args]
  if (!sending.whole) {
    try {
      return await wire.send(['EVALSHA', script.sha1, ...tail], sending)
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
    }
  }
  return wire.send(['EVAL', script.source, ...tail], sending)
}
