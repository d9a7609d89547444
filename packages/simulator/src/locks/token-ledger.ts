import type { AcquireRequest, ExtendRequest } from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'
import type { SimServer } from '../store/sim-server.ts'
import type { ObservedCommand } from '../store/store-observer.ts'
import { EPOCH_MS, type World } from '../time/world.ts'

interface TokenRecord {
  readonly command: ObservedCommand
  /** Longest TTL that a command with it has asked for. */
  ttlMs: number
  lastSentAtMs: number
  state: 'asked' | 'held' | 'given up'
  givenUpAtMs: number
  why: string
  /** Its client has to take it back. */
  undo: boolean
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
  }

  answered({ op, token }: ObservedCommand): void {
    const record = this.#records.get(token)
    if (op === 'acquire' && record?.state === 'asked') this.#answered.push(record)
  }

  /** Somebody believes in it. */
  hold(token: string): void {
    const record = this.#records.get(token)
    if (record?.state === 'asked') record.state = 'held'
  }

  isGivenUp(token: string): boolean {
    return this.#records.get(token)?.state === 'given up'
  }

  /** Its lease ended before its holder gave it back. */
  wasLost(token: string): boolean {
    return this.#records.get(token)?.why === 'lost'
  }

  /** @returns `false` when it was given up before. */
  giveUp(token: string, why: string): boolean {
    const record = this.#records.get(token)
    if (!record || record.state === 'given up') return false
    record.state = 'given up'
    record.why = why
    record.undo = why !== 'lost' && why !== 'crashed'
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

  #asked(command: ObservedCommand, record: TokenRecord | undefined): void {
    if (record) this.#world.violate('P5', `token ${command.token} is used for another acquisition`)
    const { ttlMs } = command.request as AcquireRequest
    this.#records.set(command.token, {
      command,
      ttlMs,
      lastSentAtMs: command.sentAtMs,
      state: 'asked',
      givenUpAtMs: Number.POSITIVE_INFINITY,
      why: '',
      undo: false,
    })
  }

  #extending(command: ObservedCommand, record: TokenRecord | undefined): void {
    if (record?.state !== 'held') {
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
    if (record.state === 'held') return
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
