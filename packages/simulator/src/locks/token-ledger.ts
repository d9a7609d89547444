import type { AcquireRequest, ExtendRequest, PushedGrant } from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'
import type { SimServer } from '../store/sim-server.ts'
import type { ObservedCommand } from '../store/store-observer.ts'
import { EPOCH_MS, type World } from '../time/world.ts'
import { LossCheck } from './loss-check.ts'
import { type TokenRecord, tokenRecord } from './token-record.ts'
import { WaiterCheck } from './waiter-check.ts'

/**
 * Follows every owner token: P5, no command carries a token that its client has given up; P2, such a
 * token soon keeps nothing: at the latest its TTL after the last command that could be executed, and
 * much sooner while its client's link is healthy.
 */
export class TokenLedger {
  readonly #world: World
  readonly #server: SimServer
  readonly #storeTimeoutMs: number
  readonly #records = new Map<string, TokenRecord>()
  readonly #queued = new Set<TokenRecord>()
  readonly #waiters: WaiterCheck
  readonly #losses: LossCheck
  #answered: TokenRecord[] = []

  constructor(world: World, server: SimServer, storeTimeoutMs: number) {
    this.#world = world
    this.#server = server
    this.#storeTimeoutMs = storeTimeoutMs
    this.#waiters = new WaiterCheck(world, server)
    this.#losses = new LossCheck(world)
  }

  sent(command: ObservedCommand): void {
    const { op, token } = command
    const { newToken } = command.request as ExtendRequest
    const record = this.#records.get(token)
    if (newToken) this.#adopting(command, record, newToken)
    else if (op === 'acquire' || op === 'steal') this.#asked(command, record)
    else if (op === 'extend') this.#extending(command, record)
    else if (op === 'release' || op === 'leave') this.#takingBack(command, record)
  }

  answered(command: ObservedCommand, reply: unknown): void {
    const { request, token } = command
    const { newToken } = request as ExtendRequest
    const record = this.#records.get(newToken ?? token)
    if (!record) return
    const { state } = (reply ?? {}) as { readonly state?: string }
    if (state === 'extended' && !newToken) this.#losses.extended(command, record)
    if (record.state === 'given up') return
    if (state === 'granted' || state === 'extended') record.confirmed = true
    // Its place was lost, and somebody else shares the lock otherwise by now: nobody waits any more.
    if (record.state === 'queued' && state === 'mismatch') this.giveUp(token, 'refused')
    const { waiter } = request as AcquireRequest
    if (record.state === 'asked') this.#answeredFirst(record, state === 'held' && !!waiter)
  }

  #answeredFirst(record: TokenRecord, isQueued: boolean): void {
    if (isQueued) {
      record.state = 'queued'
      this.#queued.add(record)
    } else this.#answered.push(record)
  }

  /** Somebody believes in it. */
  hold(token: string, graceMs: number): void {
    const record = this.#records.get(token)
    if (record?.state !== 'asked' && record?.state !== 'queued') return
    record.state = 'held'
    record.graceMs = graceMs
    this.#queued.delete(record)
    if (record.push && !record.confirmed) this.#waiters.checkTakeOver(record, record.push)
  }

  isGivenUp(token: string): boolean {
    return this.#records.get(token)?.state === 'given up'
  }

  /** Its lease ended before its holder gave it back. */
  wasLost(token: string): boolean {
    const { why = '' } = this.#records.get(token) ?? {}
    return why === 'lost' || why === 'max-hold'
  }

  /** @returns `false` when it was given up before. */
  giveUp(token: string, why: string): boolean {
    const record = this.#records.get(token)
    if (!record || record.state === 'given up') return false
    record.state = 'given up'
    this.#queued.delete(record)
    record.why = why
    record.undo = !['lost', 'crashed', 'cooling', 'handed over'].includes(why)
    record.givenUpAtMs = this.#world.nowMs
    if (why === 'lost') this.#losses.lost(record)
    return true
  }

  /** Whoever could not adopt it, and does not know why, has to take it back. */
  notAdopted(token: string, client: SimClient): void {
    const record = this.#records.get(token)
    if (!record?.adopters.has(client) || record.why !== 'handed over') return
    const command = { ...record.command, client }
    const { nowMs: givenUpAtMs } = this.#world
    this.#records.set(token, { ...record, command, why: 'not adopted', undo: true, givenUpAtMs })
  }

  watch(): void {
    // The client's code has run since: an answer that has made nobody a holder was a refusal to it.
    for (const { command, state } of this.#answered) {
      if (state === 'asked') this.giveUp(command.token, 'refused')
    }
    this.#answered = []
    for (const [key, lease] of this.#server.leases) {
      for (const [token, { untilMs }] of lease.holders) {
        this.#checkHolder(key, token, untilMs - EPOCH_MS)
      }
      for (const token of lease.queue.keys()) this.#checkPlace(key, token)
    }
  }

  /** What `client` has to take back and has not, although it had the time: when its locks are closed. */
  checkClosed(client: SimClient): void {
    for (const [token, record] of this.#records) {
      if (record.command.client !== client || record.state !== 'given up' || !record.undo) continue
      if (this.#server.leaseEndMs(record.command.key, token) === undefined) continue
      if (client.limits.undoneByMs(record.givenUpAtMs) > this.#world.nowMs) continue
      this.#world.violate('P2', `${token} (${record.why}) survives the close of its locks`)
    }
  }

  /** The server grants it while it waits, or when nobody does any more: then it is given back. */
  pushed({ token, remainingMs: grantMs }: PushedGrant, arrives: boolean): void {
    const record = this.#records.get(token)
    if (!record) return
    record.lastSentAtMs = Math.max(record.lastSentAtMs, this.#world.nowMs)
    if (record.state !== 'given up') {
      record.push = { atMs: this.#world.nowMs, grantMs, heardAtMs: Number.NaN }
      return
    }
    record.givenUpAtMs = this.#world.nowMs
    if (!arrives) record.undo = false
  }

  heard(token: string): void {
    const record = this.#records.get(token)
    if (!record) return
    const { push, state } = record
    if (push && Number.isNaN(push.heardAtMs)) push.heardAtMs = this.#world.nowMs
    // Heard again, it is nobody's grant: that is given back at once.
    if (state === 'given up') record.graceMs = 0
  }

  /** Whatever was pushed before may be lost. */
  reconnected(client: SimClient): void {
    const { nowMs } = this.#world
    for (const record of this.#queued) {
      if (record.command.client === client) {
        record.askByMs = client.limits.answeredByMs(nowMs) + client.limits.roundTripMs
      }
    }
  }

  /** `waiting`: how many calls do. */
  checkWaiters(waiting: (client: SimClient, key: string) => number): void {
    this.#waiters.check(this.#queued, waiting)
  }

  #checkPlace(key: string, token: string): void {
    const record = this.#records.get(token)
    if (!record) this.#world.violate('P2', `${token} waits for ${key}, which nobody has asked for`)
    else if (record.state === 'asked') this.#giveUpUnanswered(record)
    if (record?.state !== 'given up' || !record.undo) return
    if (this.#world.nowMs > record.command.client.limits.undoneByMs(record.givenUpAtMs)) {
      this.#world.violate('P2', `${token} (${record.why}) keeps its place for ${key}`)
    }
  }

  #asked(command: ObservedCommand, record: TokenRecord | undefined): void {
    const { waiter } = command.request as AcquireRequest
    if (waiter && record?.state === 'queued') {
      record.lastSentAtMs = command.sentAtMs
      record.askByMs = Number.POSITIVE_INFINITY
      return
    }
    if (record) this.#world.violate('P5', `token ${command.token} is used for another acquisition`)
    this.#records.set(command.token, tokenRecord(command))
  }

  #takingBack(command: ObservedCommand, record: TokenRecord | undefined): void {
    const { op, key, token, client } = command
    if (record) this.#losses.takingBack(record)
    this.giveUp(token, op === 'leave' ? 'left' : 'released')
    if (record?.why !== 'handed over' || record.adopters.has(client)) return
    if (this.#server.leaseEndMs(key, token) !== undefined) {
      this.#world.violate('P5', `c${client.id} takes ${token} back, which was handed over`)
    }
  }

  #adopting(command: ObservedCommand, record: TokenRecord | undefined, newToken: string): void {
    if (record?.why !== 'handed over' && record?.why !== 'not adopted') {
      const why = record ? record.why || record.state : 'unknown'
      this.#world.violate('P5', `${command.token} is adopted, which is ${why}`)
      return
    }
    record.adopters.add(command.client)
    this.#records.set(newToken, tokenRecord({ ...command, token: newToken }))
  }

  #extending(command: ObservedCommand, record: TokenRecord | undefined): void {
    const cooling = record?.why === 'cooling'
    if (!record || (record.state !== 'held' && record.state !== 'queued' && !cooling)) {
      const why = record ? record.why || record.state : 'unknown'
      this.#world.violate('P5', `an extend carries ${command.token}, which is ${why}`)
      return
    }
    record.lastSentAtMs = command.sentAtMs
    record.ttlMs = Math.max(record.ttlMs, (command.request as ExtendRequest).ttlMs)
  }

  #checkHolder(key: string, token: string, untilMs: number): void {
    const { nowMs } = this.#world
    if (untilMs <= nowMs) return
    const record = this.#records.get(token)
    if (record?.command.key !== key) {
      this.#world.violate('P2', `${key} is held by ${token}, which nobody has asked for`)
      return
    }
    if (record.state === 'held' || record.state === 'queued') return
    if (record.state === 'asked') this.#giveUpUnanswered(record)
    if (record.state !== 'given up') return

    const lastRunMs = record.lastSentAtMs + 3.15 * this.#storeTimeoutMs + 5
    if (untilMs > Math.max(record.givenUpAtMs, lastRunMs) + record.ttlMs + 1) {
      this.#world.violate('P2', `${token} (${record.why}) keeps ${key} beyond its last TTL`)
    }
    const { limits } = record.command.client
    if (record.undo && nowMs > limits.undoneByMs(record.givenUpAtMs)) {
      this.#world.violate('P2', `${token} (${record.why}) keeps ${key}, and is not taken back`)
    }
  }

  #giveUpUnanswered(record: TokenRecord): void {
    const { command } = record
    const { client, sentAtMs } = command
    if (this.#world.nowMs > client.limits.answeredByMs(sentAtMs)) {
      this.giveUp(command.token, 'unanswered')
    }
  }
}
