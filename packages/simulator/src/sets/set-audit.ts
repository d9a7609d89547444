import type { AcquireReply, LockSet, LocksError, PushedGrant } from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'
import type { SimServer } from '../store/sim-server.ts'
import type { ObservedCommand, StoreObserver } from '../store/store-observer.ts'
import type { Tally } from '../tally.ts'
import { EPOCH_MS, type World } from '../time/world.ts'
import type { SetCall } from './set-call.ts'
import type { SetPlan } from './set-plan.ts'

const NOTHING = () => {}
/** Rates of two clocks differ by at most this factor in the schedules. */
const DRIFT = 1.006
const keyOf = (name: string) => `locks:l1:{${name}}`

/** An owner token. */
interface Asked {
  /** For which it was minted. */
  readonly call: SetCall
  readonly key: string
  granted?: boolean
  /** When it was first given back. */
  givenUpAtMs?: number
  lostAtMs?: number
  /** It was lost, and is given back at the latest. */
  backAtMs?: number
}

/**
 * All or none: a set that is given is held at that moment, and believed only while each of its leases
 * lasts; a call that fails, a set that is released, and the rest of one that is lost keep nothing; and
 * nobody waits for ever, in whatever order the names are asked for.
 */
export class SetAudit implements StoreObserver {
  readonly #world: World
  readonly #server: SimServer
  readonly #tally: Tally
  /** How long a lease can last that was lost. */
  readonly #lostLastsMs: number
  /** The one that is on, of each client. */
  readonly #calls = new Map<SimClient, SetCall>()
  readonly #tokens = new Map<string, Asked>()
  readonly #graceMs: number
  /** Whose release was last told that there was nothing left, and in which event. */
  #gone: { readonly client: SimClient; readonly event: number } | undefined

  constructor(world: World, server: SimServer, tally: Tally, plan: SetPlan) {
    this.#world = world
    this.#server = server
    this.#tally = tally
    // An extend that was sent before may run late.
    this.#graceMs = plan.graceMs
    this.#lostLastsMs = plan.ttlMs + plan.graceMs + 3.15 * plan.storeTimeoutMs + 5
  }

  sent({ client, op, key, token }: ObservedCommand): void {
    const call = this.#calls.get(client)
    const asked = this.#tokens.get(token)
    if (op === 'acquire' && call && !asked) this.#tokens.set(token, { call, key })
    if (asked && (op === 'release' || op === 'leave')) asked.givenUpAtMs ??= this.#world.nowMs
  }

  executed({ op, key, token }: ObservedCommand, reply: unknown): void {
    this.#tally.add(op, (reply as AcquireReply).state)
    this.#planEnd(key, token)
  }

  /** What was lost, and is extended all the same, goes back when the grace is over. */
  answered({ client, op, token }: ObservedCommand, reply: unknown): void {
    const asked = this.#tokens.get(token)
    if (!asked) return
    const { state } = (reply ?? {}) as { readonly state?: string }
    if (state === 'granted') asked.granted = true
    if (op === 'release' && state !== 'released') this.#gone = { client, event: this.#world.events }
    if (asked.lostAtMs === undefined || state !== 'extended') return
    asked.backAtMs ??= this.#world.nowMs + this.#graceMs * DRIFT
  }

  /** `client` has lost a lock: the one that it got first, unless it was being released. */
  lost(client: SimClient, name: string): void {
    if (this.#gone?.client === client && this.#gone.event === this.#world.events) return
    for (const asked of this.#tokens.values()) {
      if (asked.call.client !== client || asked.key !== keyOf(name) || !asked.granted) continue
      if (asked.givenUpAtMs !== undefined || asked.lostAtMs !== undefined) continue
      asked.lostAtMs = this.#world.nowMs
      return
    }
  }

  pushed({ key, token }: PushedGrant): void {
    const asked = this.#tokens.get(token)
    if (asked) asked.granted = true
    this.#planEnd(key, token)
  }

  call(client: SimClient, patient: boolean, renew: boolean): SetCall {
    const call: SetCall = {
      client,
      startedAtMs: this.#world.nowMs,
      patient,
      renew,
      interrupted: false,
      set: undefined,
      overAtMs: undefined,
    }
    this.#calls.set(client, call)
    return call
  }

  granted(call: SetCall, names: readonly string[], set: LockSet): void {
    this.#tally.add('sets')
    const { client } = call
    if (!set.held) this.#world.violate('P4', `c${client.id} is given a set that is not held`)
    if (set.names.join() !== names.join()) {
      this.#world.violate('value', `c${client.id} gets ${set.names} for ${names}`)
    }
    call.set = set
  }

  refused(call: SetCall, error: LocksError): void {
    this.over(call)
    const { client, patient, renew, interrupted, startedAtMs } = call
    this.#tally.add('refused sets', error.name)
    const why = `c${client.id}: ${error.message}`
    const quiet = client.limits.quietSince(startedAtMs)
    switch (error.code) {
      case 'LOCK_TIMEOUT':
        if (patient) this.#world.violate('wait', why)
        return
      case 'LOCK_LOST':
        // A lease that is not renewed may end while others are awaited.
        if (quiet && renew) this.#world.violate('needless', why)
        return
      case 'STORE_UNAVAILABLE':
        if (quiet) this.#world.violate('needless', why)
        return
      default:
        if (!interrupted) this.#world.violate('error', why)
    }
  }

  over(call: SetCall): void {
    call.overAtMs ??= this.#world.nowMs
  }

  watch(): void {
    const believed = new Map<string, SimClient>()
    for (const [client, call] of this.#calls) {
      if (call.set && client.running) this.#watchSet(call, call.set, believed)
    }
    for (const [key, { holders }] of this.#server.leases) {
      for (const [token, { untilMs }] of holders) {
        const endMs = untilMs - EPOCH_MS
        if (endMs > this.#world.nowMs) this.#checkGivenBack(key, token, endMs)
      }
    }
  }

  finish(): void {
    for (const [client, { set, overAtMs }] of this.#calls) {
      if (client.crashed || set || overAtMs !== undefined) continue
      this.#world.violate('wait', `a call of c${client.id} hangs`)
    }
  }

  #watchSet(call: SetCall, set: LockSet, believed: Map<string, SimClient>): void {
    const { client } = call
    if (set.held) {
      for (const { name, token } of set.locks) {
        const other = believed.get(name)
        believed.set(name, client)
        if (other) this.#world.violate('P1', `c${other.id} and c${client.id} believe in ${name}`)
        if (this.#server.leaseEndMs(keyOf(name), token) === undefined) {
          this.#world.violate('P1', `c${client.id} believes in ${name}, and holds nothing`)
        }
      }
    } else if (set.signal.aborted) this.over(call)
    else if (call.overAtMs === undefined) {
      this.#world.violate('signal', `c${client.id} is not told that its set is lost`)
    }
  }

  /** What is lost ends by itself, and is not renewed; all the rest is taken back. */
  #checkGivenBack(key: string, token: string, endMs: number): void {
    const asked = this.#tokens.get(token)
    const { client, overAtMs } = asked?.call ?? {}
    if (!asked || !client || overAtMs === undefined) return
    const { lostAtMs, backAtMs } = asked
    const endsByItself = lostAtMs !== undefined && backAtMs === undefined
    if (endsByItself && endMs <= lostAtMs + this.#lostLastsMs) return
    const givenUpAtMs = backAtMs ?? asked.givenUpAtMs ?? overAtMs
    if (this.#world.nowMs > client.limits.undoneByMs(givenUpAtMs)) {
      this.#world.violate('P2', `${token} keeps ${key}, and nobody of c${client.id} wants it`)
    }
  }

  /** Looks on at the instant at which the lease ends, not only at the next event. */
  #planEnd(key: string, token: string): void {
    const untilMs = this.#server.leases.get(key)?.holders.get(token)?.untilMs
    if (untilMs !== undefined) this.#world.at(untilMs - EPOCH_MS, 'lease end', NOTHING)
  }
}
