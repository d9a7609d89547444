import type { AcquireRequest, ExtendRequest, PushedGrant } from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'
import type { SimServer } from '../store/sim-server.ts'
import type { ObservedCommand } from '../store/store-observer.ts'
import { EPOCH_MS, type World } from '../time/world.ts'

interface TokenRecord {
  readonly command: ObservedCommand
  /** Longest TTL that a command with it has asked for. */
  ttlMs: number
  lastSentAtMs: number
  /** `queued`: it has a place in the store's queue, or has been pushed a grant. */
  state: 'asked' | 'queued' | 'held' | 'given up'
  givenUpAtMs: number
  why: string
  /** Its client has to take it back. */
  undo: boolean
  /** After a reconnect its waiter has to ask again by then. */
  askByMs: number
  /** Its last acquire has no answer. */
  asking: boolean
  /** Of its client, when it entered the queue. */
  reconnects: number
  /** Its last grant by a push that was heard; without one, by a reply. */
  push: { readonly atMs: number; readonly grantMs: number; heardAtMs: number } | undefined
  /** Its lease was granted or extended by a reply after that. */
  confirmed: boolean
}

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
  #answered: TokenRecord[] = []

  constructor(world: World, server: SimServer, storeTimeoutMs: number) {
    this.#world = world
    this.#server = server
    this.#storeTimeoutMs = storeTimeoutMs
  }

  sent(command: ObservedCommand): void {
    const { op, token } = command
    const record = this.#records.get(token)
    if (op === 'acquire') this.#asked(command, record)
    else if (op === 'extend') this.#extending(command, record)
    else if (op === 'release') this.giveUp(token, 'released')
    else if (op === 'leave') this.giveUp(token, 'left')
  }

  answered({ op, token, request }: ObservedCommand, reply: unknown): void {
    const record = this.#records.get(token)
    if (!record || record.state === 'given up' || this.#lapses(record)) return
    const { state } = (reply ?? {}) as { readonly state?: string }
    if (state === 'granted' || state === 'extended') record.confirmed = true
    if (op !== 'acquire') return
    if (state !== 'late') record.asking = false
    if (record.state !== 'asked') return
    if (state !== 'held' || !(request as AcquireRequest).waiter) this.#answered.push(record)
    else {
      record.state = 'queued'
      this.#queued.add(record)
    }
  }

  /** Somebody believes in it. */
  hold(token: string): void {
    const record = this.#records.get(token)
    if (record?.state !== 'asked' && record?.state !== 'queued') return
    record.state = 'held'
    this.#queued.delete(record)
    if (record.push && !record.confirmed) this.#checkTakeOver(token, record, record.push)
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
    record.undo = !['lost', 'crashed', 'cooling'].includes(why)
    record.givenUpAtMs = this.#world.nowMs
    return true
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
    const { push } = this.#records.get(token) ?? {}
    if (push && Number.isNaN(push.heardAtMs)) push.heardAtMs = this.#world.nowMs
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

  /** Who has a place or a grant in the store waits for it. `waiting`: how many calls do. */
  checkWaiters(waiting: (client: SimClient, key: string) => number): void {
    const places = new Map<string, number>()
    for (const record of this.#queued) {
      const { client, key, token } = record.command
      if (!client.running || client.closing) continue
      if (this.#lapses(record)) continue
      this.#checkReconnected(record)
      if (!this.#isKept(key, token)) continue
      const name = `${client.id} ${key}`
      const count = (places.get(name) ?? 0) + 1
      places.set(name, count)
      if (count > waiting(client, key)) {
        this.#world.violate('P2', `${token} keeps its place for ${key}, and nobody waits`)
      }
    }
  }

  /** A grant that may be old or not the last word is extended before anything runs on it. */
  #checkTakeOver(
    token: string,
    { command, reconnects }: TokenRecord,
    { atMs, grantMs, heardAtMs }: NonNullable<TokenRecord['push']>,
  ): void {
    if (command.client.reconnects > reconnects) {
      this.#world.violate('queue', `${token} is believed unasked after a reconnect`)
    }
    if (heardAtMs - atMs > 1.01 * (grantMs / 4) + 2) {
      this.#world.violate('queue', `${token} is believed unasked, although its grant is old`)
    }
  }

  /**
   * An ask had no answer, and its client has been stalled for so long since that there is no lease left
   * to undo. Its place, if it has one, is given back when it is granted.
   */
  #lapses(record: TokenRecord): boolean {
    const undoneMs = record.lastSentAtMs + record.ttlMs + this.#storeTimeoutMs
    const lapses = record.asking && record.command.client.resumedAtMs > undoneMs
    if (lapses) {
      this.giveUp(record.command.token, 'lapsed')
      record.undo = false
    }
    return lapses
  }

  #checkReconnected({ command, askByMs }: TokenRecord): void {
    if (this.#world.nowMs > askByMs && command.client.limits.quietSince(askByMs)) {
      this.#world.violate('queue', `${command.token} does not ask again after a reconnect`)
    }
  }

  #isKept(key: string, token: string): boolean {
    if (this.#server.leases.get(key)?.queue.has(token)) return true
    return this.#server.leaseEndMs(key, token) !== undefined
  }

  #checkPlace(key: string, token: string): void {
    const record = this.#records.get(token)
    if (!record) this.#world.violate('P2', `${token} waits for ${key}, which nobody has asked for`)
    else if (record.state === 'asked') this.#giveUpUnanswered(record)
    if (record?.state !== 'given up' || !record.undo) return
    // An undo lasts as long as the ttl. What it could not reach until then is given back when granted.
    const undoneMs = record.givenUpAtMs + record.ttlMs
    if (record.command.client.troubledUntilMs > undoneMs - 1000) return
    if (this.#world.nowMs > record.command.client.limits.undoneByMs(record.givenUpAtMs)) {
      this.#world.violate('P2', `${token} (${record.why}) keeps its place for ${key}`)
    }
  }

  #asked(command: ObservedCommand, record: TokenRecord | undefined): void {
    const { ttlMs, waiter } = command.request as AcquireRequest
    if (waiter && record?.state === 'queued') {
      record.lastSentAtMs = command.sentAtMs
      record.askByMs = Number.POSITIVE_INFINITY
      record.asking = true
      return
    }
    if (record) this.#world.violate('P5', `token ${command.token} is used for another acquisition`)
    this.#records.set(command.token, {
      command,
      ttlMs,
      lastSentAtMs: command.sentAtMs,
      state: 'asked',
      givenUpAtMs: Number.POSITIVE_INFINITY,
      why: '',
      undo: false,
      askByMs: Number.POSITIVE_INFINITY,
      asking: true,
      reconnects: command.client.reconnects,
      push: undefined,
      confirmed: false,
    })
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
