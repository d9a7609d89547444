import { foreignData } from './foreign-data.ts'
import { keyPrefixOf, type RedisArgument, type RedisClient } from './redis-client.ts'
import { runScript, type Script } from './script.ts'
import { type Sending, Wire } from './wire.ts'

/** `followed`: another script or a read of one of its keys goes out behind it, in the same turn. */
type Send = (wire: Wire, followed: boolean) => Promise<unknown>

/** With so many unanswered, the client is left to give up what it cannot send. */
const UNWATCHED_MAX = 1000

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
  /** Of a pool each turn has its own. */
  readonly #wire: Wire | undefined
  /** What keys begin with when they come back in a push. */
  readonly pushedPrefix: string
  readonly #keyPrefix: string
  #issued: Issued[] = []
  #unanswered = 0

  constructor(client: RedisClient) {
    this.#client = client
    this.#wire = client.execute ? undefined : new Wire(client)
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
    return this.#issue({ keys, urgent, script }, (wire, whole) =>
      runScript(wire, script, stored, { whole, ...this.#sending(patient) }),
    )
  }

  /** A plain command that is about no key of ours. */
  send(command: readonly string[]): Promise<unknown> {
    return this.#issue({ keys: [], urgent: false }, async (wire) =>
      wire.send([...command], this.#sending()),
    )
  }

  /** A plain command of a name and keys: at once, unless something was issued before it in this turn. */
  async read(name: string, keys: readonly string[]): Promise<unknown> {
    const command = [name, ...this.#stored(keys)]
    const wire = this.#issued.length === 0 ? this.#wire : undefined
    if (!wire)
      return this.#issue({ keys, urgent: false }, async (each) =>
        each.send(command, this.#sending()),
      )
    this.#unanswered++
    try {
      return await wire.send(command, this.#sending())
    } catch (error) {
      throw toConflict(error, keys)
    } finally {
      this.#unanswered--
    }
  }

  #sending(patient = false): Sending {
    return { watched: !patient && this.#unanswered > UNWATCHED_MAX }
  }

  #stored(keys: readonly string[]): readonly string[] {
    return this.#keyPrefix === '' ? keys : keys.map((key) => this.#keyPrefix + key)
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
    this.#unanswered += commands.length
    try {
      // Of a pool one connection for the whole turn: nothing keeps the order over several.
      await (this.#wire
        ? this.#settleAll(commands, this.#wire)
        : this.#client.execute?.((connection) => this.#settleAll(commands, new Wire(connection))))
    } catch (error) {
      this.#unanswered -= commands.length
      for (const { reject } of commands) reject(error)
    }
  }

  /** Sends all without waiting in between; resolves when all have been answered. */
  #settleAll(commands: readonly Issued[], wire: Wire): Promise<unknown> {
    const [first, ...more] = commands
    // Nearly always: the way of a hand-over.
    if (first && more.length === 0) return this.#settle(first, wire, false)
    const followed = followedByOthers(commands)
    return Promise.all(
      commands.map((command) => this.#settle(command, wire, followed.has(command))),
    )
  }

  /** Never rejects. */
  #settle({ keys, send, resolve, reject }: Issued, wire: Wire, followed: boolean): Promise<void> {
    return send(wire, followed).then(
      (reply) => {
        this.#unanswered--
        resolve(reply)
      },
      (error: unknown) => {
        this.#unanswered--
        reject(toConflict(error, keys))
      },
    )
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
