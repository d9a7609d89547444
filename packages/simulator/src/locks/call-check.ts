import type { AcquireReply, AcquireRequest, Lock } from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'
import type { ObservedCommand } from '../store/store-observer.ts'
import { EPOCH_MS, type World } from '../time/world.ts'
import { LineCheck } from './line-check.ts'
import type { Share } from './share.ts'

/** A waiter asks again so long after the end that it expects. */
const POKE_MS = 32

/** What there is of leases, expired ones included. */
interface LeaseView {
  readonly leases: Iterable<
    readonly [
      key: string,
      { readonly holders: { values(): Iterable<{ readonly untilMs: number }> } },
    ]
  >
}

/** One call of acquire, tryAcquire or request, up to its grant or refusal. */
export interface Call {
  readonly client: SimClient
  readonly key: string
  /** -1 = one try. */
  readonly waitMs: number
  readonly share: Share
  readonly startedAtMs: number
  readonly pausedMs: number
  readonly fenceFloor: number
  /** Its signal has aborted, or its locks are closed. */
  interrupted: boolean
}

interface CallCheckOptions {
  readonly queue: boolean
  /** Who waits in a client does so for a holder there, which may not know that it has lost the lock. */
  readonly waitsFor?: (client: SimClient, key: string) => boolean
}

/**
 * Liveness: every call settles within its wait and one store deadline, an interrupted one at once; who
 * waits gets what is free; nothing fails while nothing is wrong.
 */
export class CallCheck {
  readonly #world: World
  readonly #server: LeaseView
  readonly #storeTimeoutMs: number
  readonly #pending = new Set<Call>()
  /** With which a key has been asked for. */
  readonly #capacities = new Map<string, Set<number>>()
  readonly #freeSinceMs = new Map<string, number>()
  /** When a client's waiters for a key expect the lease in the way to end, by the last reply. */
  readonly #expectedMs = new Map<string, number>()

  /** Clients and keys of which somebody waits for a holder there, and when that was so last. */
  readonly #waiting = new Set<string>()
  readonly #waitedForMs = new Map<string, number>()
  readonly #waitsFor: (client: SimClient, key: string) => boolean
  /** Where the store does not queue them. */
  readonly #lines: LineCheck | undefined

  constructor(
    world: World,
    server: LeaseView,
    storeTimeoutMs: number,
    { queue, waitsFor = () => false }: CallCheckOptions,
  ) {
    this.#world = world
    this.#server = server
    this.#storeTimeoutMs = storeTimeoutMs
    this.#waitsFor = waitsFor
    this.#lines = queue ? undefined : new LineCheck(world, storeTimeoutMs)
  }

  start(call: Call): void {
    const capacities = this.#capacities.get(call.key) ?? new Set()
    this.#capacities.set(call.key, capacities.add(call.share.capacity))
    this.#pending.add(call)
    this.#lines?.start(call)
  }

  granted(call: Call, lock: Lock): void {
    this.#lines?.granted(call, lock)
    this.settle(call)
  }

  handedOver(token: string): void {
    this.#lines?.handedOver(token)
  }

  sent(command: ObservedCommand): void {
    this.#lines?.sent(command)
  }

  settle(call: Call): void {
    this.#pending.delete(call)
    this.#lines?.settle(call)
    const { client, waitMs, startedAtMs, pausedMs } = call
    const { limits } = client
    const tookMs = this.#world.nowMs - startedAtMs - (client.pausedMs - pausedMs)
    const limitMs = limits.settlesWithinMs(Math.max(0, waitMs))
    if (tookMs > limitMs) {
      this.#world.violate('wait', `c${client.id} waits for ${tookMs} ms instead of ${limitMs}`)
    }
  }

  interrupt(client: SimClient): void {
    for (const call of this.#pending) if (call.client === client) call.interrupted = true
  }

  /** A call failed because of the store. */
  failed({ client, startedAtMs, interrupted }: Call): void {
    if (client.limits.quietSince(startedAtMs) && !interrupted) {
      this.#world.violate('needless', `a call of c${client.id} fails on a healthy link`)
    }
  }

  /** Somebody asks with another capacity. */
  conflicted({ client, key, share }: Call): void {
    const mixes = this.#capacities.get(key)?.size !== 1
    if (!mixes) {
      this.#world.violate('needless', `c${client.id} gets a conflict over ${share.name} of ${key}`)
    }
  }

  executed({ client, op, token, sentAtMs }: ObservedCommand, reply: unknown): void {
    const { state } = reply as AcquireReply
    const inTime = this.#world.nowMs < sentAtMs + this.#storeTimeoutMs * 0.9
    if (state === 'late' && inTime) {
      this.#world.violate('needless', `the ${op} of c${client.id} (${token}) is refused in time`)
    }
  }

  answered(command: ObservedCommand, reply: unknown): void {
    this.#lines?.answered(command, reply)
    const { client, op, key, request } = command
    if (op !== 'acquire' || !(request as AcquireRequest).waiter) return
    const answer = reply as AcquireReply | undefined
    if (answer?.state !== 'held') return
    this.#expectedMs.set(`${client.id} ${key}`, this.#world.nowMs + answer.remainingMs)
  }

  /** How many calls wait. */
  waiting(client: SimClient, key: string): number {
    return this.#waiters(client, key).length
  }

  watch(): void {
    this.#lines?.watch()
    const { nowMs } = this.#world
    if (this.#pending.size === 0) return
    for (const [key, { holders }] of this.#server.leases) {
      let lastEndMs = 0
      for (const { untilMs } of holders.values()) lastEndMs = Math.max(lastEndMs, untilMs)
      if (lastEndMs > EPOCH_MS + nowMs) this.#freeSinceMs.delete(key)
      else if (!this.#freeSinceMs.has(key)) this.#freeSinceMs.set(key, nowMs)
    }
    for (const call of this.#pending) this.#watchCall(call)
  }

  finish(): void {
    for (const { client, key } of this.#pending) {
      if (!client.crashed) this.#world.violate('wait', `a call of c${client.id} for ${key} hangs`)
    }
  }

  #waiters(client: SimClient, key: string): Call[] {
    return [...this.#pending].filter((call) => call.client === client && call.key === key)
  }

  /** The holder that is waited for may have ended in this very event. */
  #watchWait(client: SimClient, key: string, place: string): void {
    const waits = this.#waitsFor(client, key)
    if (waits || this.#waiting.has(place)) this.#waitedForMs.set(place, this.#world.nowMs)
    if (waits) this.#waiting.add(place)
    else this.#waiting.delete(place)
  }

  #watchCall({ client, key, waitMs, interrupted }: Call): void {
    if (interrupted && client.running) {
      this.#world.violate('wait', `an interrupted call of c${client.id} goes on`)
    }
    const freeSinceMs = this.#freeSinceMs.get(key)
    if (freeSinceMs === undefined || waitMs <= 0) return
    const place = `${client.id} ${key}`
    this.#watchWait(client, key, place)
    const expectedMs = this.#expectedMs.get(place)
    const endedMs = Math.max(freeSinceMs, expectedMs ?? 0, this.#waitedForMs.get(place) ?? 0)
    const pokedMs = expectedMs === undefined ? 0 : POKE_MS + client.limits.callMs
    // They may share a poller, which the trouble of the first has slowed down.
    const sinceMs = Math.min(...this.#waiters(client, key).map((call) => call.startedAtMs))
    if (this.#world.nowMs > client.limits.obtainedByMs(endedMs, sinceMs) + pokedMs) {
      this.#world.violate('wait', `c${client.id} does not get ${key}, which is free`)
    }
  }
}
