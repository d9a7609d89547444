import type { SimClient } from '../fleet/sim-client.ts'
import type { ObservedCommand } from '../store/store-observer.ts'
import type { World } from '../time/world.ts'
import { leaseToken } from './lease-token.ts'
import type { MemItem } from './mem-item.ts'
import type { MemServer } from './mem-server.ts'
import type { MemStep } from './mem-step.ts'

interface TokenRecord {
  readonly client: SimClient
  readonly key: string
  readonly sentAtMs: number
  state: 'asked' | 'held' | 'ended'
  endedAtMs: number
  /** Its client has to take it back. */
  undo: boolean
  /** When the server last stored it, and when it dropped it, which it had accepted. */
  storedAtMs: number
  droppedAtMs: number
}

/**
 * Follows every owner token. `touch`: no command changes a lease of another token than its own. P5: no
 * extend of a token that was given up. P2: what its client gave up while it was stored is taken back.
 */
export class MemTokenCheck {
  readonly #world: World
  readonly #server: MemServer
  readonly #records = new Map<string, TokenRecord>()
  #answered: TokenRecord[] = []

  constructor(world: World, server: MemServer) {
    this.#world = world
    this.#server = server
  }

  sent({ op, key, token, client, sentAtMs }: ObservedCommand): void {
    const record = this.#records.get(token)
    if (op === 'release') this.end(token, true)
    else if (op === 'extend' && record?.state !== 'held') {
      this.#world.violate(
        'P5',
        `an extend carries ${token}, which is ${record?.state ?? 'unknown'}`,
      )
    } else if (op === 'acquire') {
      if (record) this.#world.violate('P5', `token ${token} is used for another acquisition`)
      const [endedAtMs, storedAtMs, droppedAtMs] = [Infinity, Infinity, Infinity]
      const times = { sentAtMs, endedAtMs, storedAtMs, droppedAtMs }
      this.#records.set(token, { client, key, ...times, state: 'asked', undo: false })
    }
  }

  stepped({ command, before, after }: MemStep): void {
    if (after === before) return
    const victim = leaseToken(before)
    if (victim !== undefined && victim !== command.token) {
      const { client, op, token } = command
      this.#world.violate('touch', `the ${op} of c${client.id} (${token}) changes ${victim}`)
    }
    const record = this.#records.get(leaseToken(after) ?? '')
    if (record) record.storedAtMs = this.#world.nowMs
  }

  dropped(item: MemItem): void {
    const record = this.#records.get(leaseToken(item) ?? '')
    if (record) record.droppedAtMs = this.#world.nowMs
  }

  answered({ op, token }: ObservedCommand): void {
    const record = this.#records.get(token)
    if (op === 'acquire' && record) this.#answered.push(record)
  }

  hold(token: string): void {
    const record = this.#records.get(token)
    if (record?.state === 'asked') record.state = 'held'
  }

  /** Its client has given it up, or lost it; then it need not be taken back. */
  end(token: string, undo: boolean): void {
    const record = this.#records.get(token)
    if (!record || record.state === 'ended') return
    record.state = 'ended'
    record.endedAtMs = this.#world.nowMs
    record.undo = undo
  }

  /** When the server dropped it; Infinity = it has not. */
  droppedAtMs(token: string): number {
    return this.#records.get(token)?.droppedAtMs ?? Number.POSITIVE_INFINITY
  }

  watch(): void {
    // The client's code has run since: an answer that has made nobody a holder was a refusal to it.
    for (const record of this.#answered) if (record.state === 'asked') this.#giveUp(record)
    this.#answered = []
    for (const key of this.#server.items.keys()) {
      const token = leaseToken(this.#server.find(key))
      const record = this.#records.get(token ?? '')
      if (record) this.#checkKept(record, `${token}`)
    }
  }

  #checkKept(record: TokenRecord, token: string): void {
    const { client, key, sentAtMs } = record
    const { limits } = client
    const { nowMs } = this.#world
    if (record.state === 'asked' && nowMs > limits.answeredByMs(sentAtMs)) this.#giveUp(record)
    const mustGo = record.state === 'ended' && record.undo && record.storedAtMs <= record.endedAtMs
    const dueMs = limits.undoneByMs(record.endedAtMs) + 4 * limits.roundTripMs
    if (mustGo && nowMs > dueMs) {
      this.#world.violate('P2', `${token} keeps ${key}, and is not taken back`)
    }
  }

  #giveUp(record: TokenRecord): void {
    record.state = 'ended'
    record.endedAtMs = this.#world.nowMs
    record.undo = true
  }
}
