import { foreignData } from './foreign-data.ts'
import { keyPrefixOf, type RedisArgument, type RedisClient } from './redis-client.ts'
import { runScript, type Script, sendCommand } from './script.ts'

/** `followed`: a command for one of its keys goes out behind it, in the same turn. */
type Send = (connection: RedisClient, followed: boolean) => Promise<unknown>

interface Issued {
  readonly keys: readonly string[]
  readonly urgent: boolean
  readonly send: Send
  resolve(reply: unknown): void
  reject(error: unknown): void
}

/**
 * Sends together what was issued in one turn: urgent commands first, those for the same key in the
 * order of issue. Each gets a reply or an error of its own.
 */
export class ScriptRunner {
  readonly #client: RedisClient
  readonly #keyPrefix: string
  #issued: Issued[] = []

  constructor(client: RedisClient) {
    this.#client = client
    this.#keyPrefix = keyPrefixOf(client)
  }

  /**
   * One run of a script. `urgent`: somebody loses a lease when it comes late.
   * @throws ConflictError when a key holds what the scripts cannot have put there.
   */
  run(
    script: Script,
    keys: readonly string[],
    args: readonly RedisArgument[],
    { urgent = false } = {},
  ): Promise<unknown> {
    const stored = [...this.#stored(keys), ...args]
    return this.#issue(keys, urgent, (connection, followed) =>
      runScript(connection, script, stored, followed),
    )
  }

  /** A plain command of a name and keys. */
  read(name: string, keys: readonly string[]): Promise<unknown> {
    const command = [name, ...this.#stored(keys)]
    return this.#issue(keys, false, (connection) => sendCommand(connection, command))
  }

  #stored(keys: readonly string[]): string[] {
    return keys.map((key) => this.#keyPrefix + key)
  }

  #issue(keys: readonly string[], urgent: boolean, send: Send): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#issued.length === 0) process.nextTick(() => void this.#flush())
      this.#issued.push({ keys, urgent, send, resolve, reject })
    })
  }

  async #flush(): Promise<void> {
    const commands = inOrder(this.#issued)
    this.#issued = []
    const sendAll = (connection: RedisClient) => settleAll(commands, connection)
    try {
      // Of a pool one connection for the whole turn: nothing keeps the order over several.
      await (this.#client.execute?.(sendAll) ?? sendAll(this.#client))
    } catch (error) {
      for (const { reject } of commands) reject(error)
    }
  }
}

/** Urgent first, unless an earlier command that is not urgent has the same key. */
function inOrder(issued: readonly Issued[]): Issued[] {
  const urgent: Issued[] = []
  const others: Issued[] = []
  const taken = new Set<string>()
  for (const command of issued) {
    if (command.urgent && !command.keys.some((key) => taken.has(key))) urgent.push(command)
    else {
      others.push(command)
      for (const key of command.keys) taken.add(key)
    }
  }
  return [...urgent, ...others]
}

/** Sends all without waiting in between; resolves when all have been answered. */
function settleAll(commands: readonly Issued[], connection: RedisClient): Promise<unknown> {
  const lastOf = new Map<string, Issued>()
  for (const command of commands) for (const key of command.keys) lastOf.set(key, command)
  return Promise.all(
    commands.map(async (command) => {
      const { keys, send, resolve, reject } = command
      const followed = keys.some((key) => lastOf.get(key) !== command)
      try {
        resolve(await send(connection, followed))
      } catch (error) {
        reject(toConflict(error, keys))
      }
    }),
  )
}

/** Not at the start of the message: before version 7, Redis wraps what happens inside a script. */
function toConflict(error: unknown, keys: readonly string[]): unknown {
  if (!(error instanceof Error && /\bWRONGTYPE\b/.test(error.message))) return error
  return foreignData(keys[0])
}
