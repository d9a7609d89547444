import { foreignData } from './foreign-data.ts'
import { type Group, groupRuns } from './group-runs.ts'
import type { Issued } from './issued.ts'
import { keyPrefixOf, type RedisArgument, type RedisClient } from './redis-client.ts'
import { ReplyTurns } from './reply-turns.ts'
import { repliesOf, runEach } from './run-each.ts'
import { runScript, type Script } from './script.ts'
import { type Sending, Wire } from './wire.ts'

/** With so many unanswered, 15 MB or so, the client is left to give up what it cannot send. */
const UNWATCHED_MAX = 10_000

/** How a run is wanted. */
export interface RunOptions {
  /** Somebody loses a lease when it comes late. */
  readonly urgent?: boolean
  /** Worth sending however late, and too seldom to fill the queue of a client that is offline. */
  readonly patient?: boolean
  /** Does the same for several runs at once. */
  readonly each?: Script
  /** Also for several of one name: nobody has to know of one of them before another. */
  readonly together?: boolean
}

/**
 * Sends together what was issued in one turn: urgent commands first, those for the same key in the
 * order of issue; runs of one script as one. Each gets a reply or an error of its own.
 */
export class ScriptRunner {
  readonly #client: RedisClient
  /** Of a pool each turn has its own. */
  readonly #wire: Wire | undefined
  /** What keys begin with when they come back in a push. */
  readonly pushedPrefix: string
  readonly #keyPrefix: string
  #groups: boolean
  #issued: Issued[] = []
  #unanswered = 0
  readonly #replyTurns = new ReplyTurns()

  /** `oneSlot` as a client has it. */
  constructor(client: RedisClient, oneSlot = client.oneSlot === true) {
    this.#client = client
    this.#wire = client.execute ? undefined : new Wire(client)
    this.#keyPrefix = keyPrefixOf(client)
    this.pushedPrefix = this.#keyPrefix + (client.clientKeyPrefix ?? '')
    this.#groups = !oneSlot
  }

  /**
   * One run of a script.
   * @throws ConflictError when a key holds what the scripts cannot have put there.
   */
  run(
    script: Script,
    keys: readonly string[],
    args: readonly RedisArgument[],
    { urgent = false, patient = false, each, together = false }: RunOptions = {},
  ): Promise<unknown> {
    return this.#issue(keys, args, script, each, urgent, patient, together)
  }

  /** A plain command that is about no key of ours. */
  send(command: readonly string[]): Promise<unknown> {
    return this.#issue([], command, undefined, undefined, false, false, false)
  }

  /** A plain command of a name and keys: at once, unless something was issued before it in this turn. */
  async read(name: string, keys: readonly string[]): Promise<unknown> {
    const wire = this.#issued.length === 0 ? this.#wire : undefined
    if (!wire) return this.#issue(keys, [name], undefined, undefined, false, false, false)
    this.#unanswered++
    try {
      return await wire.send([name, ...this.#stored(keys)], this.#sending(false))
    } catch (error) {
      throw toConflict(error, keys)
    } finally {
      this.#unanswered--
    }
  }

  #sending(patient: boolean): Sending {
    return { watched: !patient && this.#unanswered > UNWATCHED_MAX }
  }

  #stored(keys: readonly string[]): readonly string[] {
    return this.#keyPrefix === '' ? keys : keys.map((key) => this.#keyPrefix + key)
  }

  #issue(
    keys: readonly string[],
    args: readonly RedisArgument[],
    script: Script | undefined,
    each: Script | undefined,
    urgent: boolean,
    patient: boolean,
    together: boolean,
  ): Promise<unknown> {
    const stored = this.#stored(keys)
    return new Promise((resolve, reject) => {
      if (this.#issued.length === 0) process.nextTick(this.#flush)
      // No spread: V8 adds to a spread's copy by its slowest way, and each hand-off waits for this.
      this.#issued.push({
        keys,
        stored,
        args,
        script,
        each,
        urgent,
        patient,
        together,
        resolve,
        reject,
      })
    })
  }

  readonly #flush = (): void => {
    const commands = this.#issued.length > 1 ? inOrder(this.#issued) : this.#issued
    this.#issued = []
    this.#unanswered += commands.length
    if (this.#wire) void this.#sendAll(commands, this.#wire)
    else void this.#lend(commands)
  }

  /** Of a pool one connection for the whole turn: nothing keeps the order over several. */
  async #lend(commands: readonly Issued[]): Promise<void> {
    try {
      await this.#client.execute?.((connection) => this.#sendAll(commands, new Wire(connection)))
    } catch (error) {
      this.#unanswered -= commands.length
      for (const { reject } of commands) reject(error)
    }
  }

  /** Sends all without waiting in between; resolves when all have been answered. Never rejects. */
  #sendAll(commands: readonly Issued[], wire: Wire): Promise<unknown> {
    const [first, ...more] = commands
    // Nearly always: the way of a hand-over.
    if (first && more.length === 0) return this.#sendOne(first, wire, false)
    const groups = this.#groups ? groupRuns(commands) : commands.map((each): Group => [each])
    const followed = followedByOthers(groups.flatMap((group) => (group.length > 1 ? [] : group)))
    return Promise.all(
      groups.map((group) =>
        group.length > 1
          ? this.#sendGroup(group, wire)
          : this.#sendOne(group[0], wire, followed.has(group[0])),
      ),
    )
  }

  /** `followed`: another script or a read of one of its keys goes out behind it, in the same turn. */
  async #sendOne(command: Issued, wire: Wire, followed: boolean): Promise<void> {
    const { keys, stored, args, script, patient, resolve, reject } = command
    const sending = this.#sending(patient)
    try {
      const sent = script
        ? runScript(wire, script, stored, args, followed, sending)
        : wire.send([...args, ...stored], sending)
      const reply = await sent
      this.#replyTurns.follow(resolve, reply)
    } catch (error) {
      this.#replyTurns.follow(reject, toConflict(error, keys))
    } finally {
      this.#unanswered--
    }
  }

  async #sendGroup(group: Group, wire: Wire): Promise<void> {
    const { each, patient } = group[0]
    try {
      // As many steps from the answer as of a command alone: who waits is told in the order of the answers.
      const reply = await runEach(wire, each as Script, group, this.#sending(patient))
      this.#replyTurns.begin(() => this.#settle(group, repliesOf(reply)))
    } catch (error) {
      if (!isRefused(error)) {
        return this.#replyTurns.follow(() => this.#failGroup(group, error), undefined)
      }
      this.#groups &&= !isOfSlots(error)
      for (const command of group) void this.#sendOne(command, wire, false)
    }
  }

  #settle(group: Group, replies: readonly unknown[]): void {
    this.#unanswered -= group.length
    for (const [i, { keys, resolve, reject }] of group.entries()) {
      const reply = replies[i]
      if (reply instanceof Error) reject(toConflict(reply, keys))
      else resolve(reply)
    }
  }

  /** What became of each is unknown. */
  #failGroup(group: Group, error: unknown): void {
    this.#unanswered -= group.length
    for (const { keys, reject } of group) reject(toConflict(error, keys))
  }
}

/** Urgent first, unless an earlier command that is not urgent has the same key. */
function inOrder(issued: readonly Issued[]): readonly Issued[] {
  if (issued.every((command) => command.urgent === issued[0]?.urgent)) return issued
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

/** Refused for what it is about, before anything ran: a key that may not be used, or that is elsewhere. */
const isRefused = (error: unknown): boolean =>
  error instanceof Error && /^(?:NOPERM|CROSSSLOT)\b/.test(error.message)

/** Who is behind the client has keys in several places. */
const isOfSlots = (error: unknown): boolean => (error as Error).message.startsWith('CROSSSLOT')

/** Not at the start of the message: before version 7, Redis wraps what happens inside a script. */
function toConflict(error: unknown, keys: readonly string[]): unknown {
  if (!(error instanceof Error && /\bWRONGTYPE\b/.test(error.message))) return error
  return foreignData(keys[0])
}
