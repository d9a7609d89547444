import type { RedisArgument } from './redis-client.ts'
import type { Sending, Wire } from './wire.ts'

/** A Lua script of `src/lua`, as the server gets it. */
export interface Script {
  readonly name: string
  /** How many of its arguments are keys, of each run. */
  readonly keys: number
  readonly sha1: string
  readonly source: string
}

/**
 * Runs a script by its hash, and with its text where the server does not have it. `whole`: with its text at
 * once, so that nothing sent behind it can run before it.
 */
export async function runScript(
  wire: Wire,
  script: Script,
  keys: readonly string[],
  args: readonly RedisArgument[],
  whole: boolean,
  sending: Sending,
): Promise<unknown> {
  const count = String(keys.length)
  if (!whole) {
    try {
      return await wire.send(['EVALSHA', script.sha1, count, ...keys, ...args], sending)
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
    }
  }
  return wire.send(['EVAL', script.source, count, ...keys, ...args], sending)
}
