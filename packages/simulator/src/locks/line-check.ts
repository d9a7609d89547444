import type { Lock } from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'
import type { ObservedCommand } from '../store/store-observer.ts'
import type { World } from '../time/world.ts'
import type { Call } from './call-check.ts'

/** What drift and rounding may make of a time. */
const DRIFT = 0.02
const ROUNDING_MS = 5

/**
 * Where the store has no queue: one poller per process and name, the oldest waiter of a process first, and
 * at once when its own process gives the name back.
 */
export class LineCheck {
  readonly #world: World
  readonly #storeTimeoutMs: number
  readonly #calls = new Set<Call>()
  /** Acquires without an answer, by client and key. */
  readonly #asking = new Map<string, Map<string, ObservedCommand>>()
  /** Tokens of acquires that may be nobody's any more. */
  readonly #loose = new Set<string>()
  /** What was granted here and not given back, by token. */
  readonly #locks = new Map<string, Lock>()
  readonly #releases = new Set<ObservedCommand>()
  /** Tokens of acquires under way while the name was given back: what they are told may be old. */
  readonly #outdated = new Set<string>()
  /** Whose waiters have to ask in this very event. */
  readonly #freed = new Set<ObservedCommand>()

  constructor(world: World, storeTimeoutMs: number) {
    this.#world = world
    this.#storeTimeoutMs = storeTimeoutMs
  }

  start(call: Call): void {
    this.#calls.add(call)
  }

  /** Its last try may still be under way, and is nobody's any more. */
  settle(call: Call): void {
    this.#calls.delete(call)
    for (const token of this.#asking.get(place(call))?.keys() ?? []) this.#loose.add(token)
  }

  granted(call: Call, lock: Lock): void {
    this.#locks.set(lock.token, lock)
    if (!this.#waits(call)) return
    for (const other of this.#calls) {
      if (other.startedAtMs >= call.startedAtMs || place(other) !== place(call)) continue
      if (this.#waits(other)) {
        this.#world.violate('line', `c${call.client.id} grants ${call.key} to a younger waiter`)
      }
    }
  }

  handedOver(token: string): void {
    this.#locks.delete(token)
  }

  sent(command: ObservedCommand): void {
    const lock = this.#locks.get(command.token)
    if (command.op === 'release' && lock) {
      this.#locks.delete(command.token)
      // What takes back a lost one, or repeats this command, tells nobody.
      if (!lock.signal.aborted) this.#releases.add(command)
    }
    if (command.op !== 'acquire') return
    const asking = this.#asking.get(place(command)) ?? new Map<string, ObservedCommand>()
    this.#asking.set(place(command), asking.set(command.token, command))
    const pollers = this.#pollers(command, this.#surelyInTime).filter(({ token }) => {
      return !this.#loose.has(token)
    })
    if (pollers.length > 1 + this.#others(command).length) {
      this.#world.violate('line', `c${command.client.id} asks ${pollers.length} times at once`)
    }
  }

  answered(command: ObservedCommand, reply: unknown): void {
    const { op, token } = command
    if (op === 'acquire') this.#asking.get(place(command))?.delete(token)
    const { state } = (reply ?? {}) as { readonly state?: string }
    const isAwaited = this.#releases.delete(command) && state === 'released'
    const wasUnderWay = this.#outdated.delete(token) && !this.#loose.has(token)
    const isOutdated = wasUnderWay && state === 'held'
    if ((isAwaited || isOutdated) && this.#surelyInTime(command)) this.#freed.add(command)
  }

  watch(): void {
    for (const command of this.#freed) {
      const { client, key } = command
      const waits = [...this.#calls].some((call) => {
        return place(call) === place(command) && this.#waits(call) && client.running
      })
      const pollers = this.#pollers(command, this.#perhapsInTime)
      if (waits && pollers.length === 0) {
        this.#world.violate('line', `c${client.id} has given ${key} back, and sleeps on it`)
      }
      const [{ token, sentAtMs } = { token: '', sentAtMs: 0 }] = pollers
      const isOfLine = pollers.length === 1 && this.#others(command).length === 0
      const isOlder = sentAtMs < this.#world.nowMs && !this.#loose.has(token)
      if (isOfLine && isOlder) this.#outdated.add(token)
    }
    this.#freed.clear()
  }

  /** Calls of its client and key that stand in no line. */
  #others(command: ObservedCommand): Call[] {
    return [...this.#calls].filter((call) => {
      return place(call) === place(command) && !this.#waits(call)
    })
  }

  /** Acquires of its client and key without an answer, whose deadlines are not over. */
  #pollers(command: ObservedCommand, isInTime: (other: ObservedCommand) => boolean) {
    const asking = this.#asking.get(place(command))?.values() ?? []
    return [...asking].filter(isInTime)
  }

  #surelyInTime = ({ sentAtMs }: ObservedCommand): boolean =>
    this.#world.nowMs - sentAtMs < this.#storeTimeoutMs * (1 - DRIFT) - ROUNDING_MS

  #perhapsInTime = ({ sentAtMs, client }: ObservedCommand): boolean =>
    this.#world.nowMs - sentAtMs < client.limits.callMs + ROUNDING_MS

  /** It stands in a line, and its time is not over. */
  #waits({ waitMs, startedAtMs, interrupted }: Call): boolean {
    const waitedMs = this.#world.nowMs - startedAtMs
    return !interrupted && waitMs > 0 && waitedMs < waitMs * (1 - DRIFT) - ROUNDING_MS
  }
}

const place = ({ client, key }: { readonly client: SimClient; readonly key: string }): string =>
  `${client.id} ${key}`
