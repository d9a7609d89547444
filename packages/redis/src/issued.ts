import type { RedisArgument } from './redis-client.ts'
import type { Script } from './script.ts'

/** A run of a script, or a plain command, that somebody waits for. */
export interface Issued {
  /** As the caller knows them. */
  readonly keys: readonly string[]
  /** As the server knows them; what a plain command takes. */
  readonly stored: readonly string[]
  readonly args: readonly RedisArgument[]
  /** Of a plain command: none. */
  readonly script: Script | undefined
  /** Runs the script for several at once. */
  readonly each: Script | undefined
  readonly urgent: boolean
  readonly patient: boolean
  /** In one call with other runs for its name, too. */
  readonly together: boolean
  resolve(reply: unknown): void
  reject(error: unknown): void
}
