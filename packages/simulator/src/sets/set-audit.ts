import type { AcquireReply, LockSet, LocksError, PushedGrant } from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'
import type { SimServer } from '../store/sim-server.ts'
import type { ObservedCommand, StoreObserver } from '../store/store-observer.ts'
import type { Tally } from '../tally.ts'
import { EPOCH_MS, type World } from '../time/world.ts'
import type { SetCall } from './set-call.ts'
import type { SetPlan } from './set-plan.ts'

const NOTHING = () => {}
const keyOf = (name: string) => `locks:l1:{${name}}`

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
  /** Of the call for which it was minted. */
  readonly #tokens = new Map<string, SetCall>()
  /** When a token was first given back. */
  readonly #givenUpAtMs = new Map<string, number>()

  constructor(world: World, server: SimServer, tally: Tally, plan: SetPlan) {
    this.#world = world
    this.#server = server
    this.#tally = tally
    // An extend that was sent before may run late.
    this.#lostLastsMs = plan.ttlMs + plan.graceMs + 3.15 * plan.storeTimeoutMs + 5
  }

  sent({ client, op, token }: ObservedCommand): void {
    const call = this.#calls.get(client)
    if (op === 'acquire' && call) this.#tokens.set(token, this.#tokens.get(token) ?? call)
    const givenUp = (op === 'release' || op === 'leave') && !this.#givenUpAtMs.has(token)
    if (givenUp) this.#givenUpAtMs.set(token, this.#world.nowMs)
  }

  executed({ op, key, token }: ObservedCommand, reply: unknown): void {
    this.#tally.add(op, (reply as AcquireReply).state)
    this.#planEnd(key, token)
  }

  answered(): void {}

  pushed({ key, token }: PushedGrant): void {
    this.#planEnd(key, token)
  }

  call(client: SimClient, patient: boolean, renew: boolean): SetCall {
    const call: SetCall = {
      client,
      startedAtMs: this.#world.nowMs,
      patient,
      renew,
      interrupted: false,
      lost: false,
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
        call.lost = true
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
    const call = this.#tokens.get(token)
    if (call?.overAtMs === undefined) return
    const lock = call.set?.locks.find((one) => one.token === token)
    if (lock?.signal.aborted) return
    if (call.lost && endMs <= call.overAtMs + this.#lostLastsMs) return
    const givenUpAtMs = this.#givenUpAtMs.get(token) ?? call.overAtMs
    if (this.#world.nowMs > call.client.limits.undoneByMs(givenUpAtMs)) {
      this.#world.violate('P2', `${token} keeps ${key}, and nobody of c${call.client.id} wants it`)
    }
  }

  /** Looks on at the instant at which the lease ends, not only at the next event. */
  #planEnd(key: string, token: string): void {
    const untilMs = this.#server.leases.get(key)?.holders.get(token)?.untilMs
    if (untilMs !== undefined) this.#world.at(untilMs - EPOCH_MS, 'lease end', NOTHING)
  }
}
