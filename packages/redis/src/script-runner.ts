import { foreignData } from './foreign-data.ts'
import { keyPrefixOf, type RedisArgument, type RedisClient } from './redis-client.ts'
import { runScript, type Script, sendCommand } from './script.ts'

/** `followed`: another script or a read of one of its keys goes out behind it, in the same turn. */
type Send = (connection: RedisClient, followed: boolean) => Promise<unknown>

interface Command {
  readonly keys: readonly string[]
  readonly urgent: boolean
  /** Its script; a read has none. */
  readonly script?: Script | undefined
}

interface Issued extends Command {
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
  /** What keys begin with when they come back in a push. */
  readonly pushedPrefix: string
  readonly #keyPrefix: string
  #issued: Issued[] = []

  constructor(client: RedisClient) {
    this.#client = client
    this.#keyPrefix = keyPrefixOf(client)
    this.pushedPrefix = this.#keyPrefix + (client.clientKeyPrefix ?? '')
  }

  /**
   * One run of a script. `urgent`: somebody loses a lease when it comes late. `patient`: worth sending
   * however late, and too seldom to fill the queue of a client that is offline.
   * @throws ConflictError when a key holds what the scripts cannot have put there.
   */
  run(
    script: Script,
    keys: readonly string[],
    args: readonly RedisArgument[],
    { urgent = false, patient = false } = {},
  ): Promise<unknown> {
    const stored = [...this.#stored(keys), ...args]
    return this.#issue({ keys, urgent, script }, (connection, whole) =>
      runScript(connection, script, stored, { whole, patient }),
    )
  }

  /** A plain command that is about no key of ours. */
  send(command: readonly string[]): Promise<unknown> {
    return this.#issue({ keys: [], urgent: false }, (connection) =>
      sendCommand(connection, [...command]),
    )
  }

  /** A plain command of a name and keys. */
  read(name: string, keys: readonly string[]): Promise<unknown> {
    const command = [name, ...this.#stored(keys)]
    return this.#issue({ keys, urgent: false }, async (connection) =>
      sendCommand(connection, command),
    )
  }

  #stored(keys: readonly string[]): string[] {
    return keys.map((key) => this.#keyPrefix + key)
  }

  #issue({ keys, urgent, script }: Command, send: Send): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (this.#issued.length === 0) process.nextTick(() => void this.#flush())
      // No spread: V8 adds to a spread's copy by its slowest way, and each hand-off waits for this.
      this.#issued.push({ keys, urgent, script, send, resolve, reject })
    })
  }

  async #flush(): Promise<void> {
    const commands = this.#issued.length > 1 ? inOrder(this.#issued) : this.#issued
    this.#issued = []
    const client = this.#client
    try {
      // Of a pool one connection for the whole turn: nothing keeps the order over several.
      await (client.execute?.((connection) => settleAll(commands, connection)) ??
        settleAll(commands, client))
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
  const [first, ...more] = commands
  // Nearly always: the way of a hand-over.
  if (first && more.length === 0) return settle(first, connection, false)
  const followed = followedByOthers(commands)
  return Promise.all(commands.map((command) => settle(command, connection, followed.has(command))))
}

/** Never rejects. */
function settle(
  { keys, send, resolve, reject }: Issued,
  connection: RedisClient,
  followed: boolean,
): Promise<void> {
  return send(connection, followed).then(resolve, (error) => reject(toConflict(error, keys)))
}

/**
 * The commands that have another script, or a read, behind them on one of their keys. Runs of one script
 * need no such care: those that the server refuses are sent again in the order of its replies, which is
 * theirs.
 */
function followedByOthers(commands: readonly Issued[]): Set<Issued> {
  const followed = new Set<Issued>()
  const behind = new Map<string, { readonly next: Issued; readonly others: boolean }>()
  for (const command of commands.toReversed()) {
    for (const key of command.keys) {
      const next = behind.get(key)
      const others = next !== undefined && (next.others || next.next.script !== command.script)
      if (others) followed.add(command)
      behind.set(key, { next: command, others })
    }
  }
  return followed
}

/** Not at the start of the message: before version 7, Redis wraps what happens inside a script. */
function toConflict(error: unknown, keys: readonly string[]): unknown {
  if (!(error instanceof Error && /\bWRONGTYPE\b/.test(error.message))) return error
  return foreignData(keys[0])
}
