import type { ExtendRequest, PushedGrant } from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'
import type { SimServer } from '../store/sim-server.ts'
import type { ObservedCommand, StoreObserver } from '../store/store-observer.ts'
import type { Tally } from '../tally.ts'
import type { World } from '../time/world.ts'
import { type LockCheckOptions, LockChecks } from './lock-checks.ts'
import { watchEnd } from './watch-end.ts'

/** What the checks of locks see for themselves: commands, their answers, and pushes. */
export class LockSight implements StoreObserver {
  protected readonly world: World
  protected readonly server: SimServer
  protected readonly tally: Tally
  protected readonly checks: LockChecks
  readonly #storeTimeoutMs: number
  /** Pushes of the command that is being executed. */
  #pushes: {
    readonly grant: PushedGrant
    readonly subscriber: string
    readonly arrives: boolean
  }[] = []

  constructor(
    world: World,
    server: SimServer,
    tally: Tally,
    storeTimeoutMs: number,
    options: LockCheckOptions,
  ) {
    this.world = world
    this.server = server
    this.tally = tally
    this.#storeTimeoutMs = storeTimeoutMs
    this.checks = new LockChecks(world, server, storeTimeoutMs, options)
  }

  sent(command: ObservedCommand): void {
    this.checks.storms.sent(command)
    this.checks.ledger.sent(command)
    this.checks.queues.sent(command)
    this.checks.lostQueues.sent(command)
    this.checks.coolDowns.sent(command)
    this.checks.calls.sent(command)
  }

  executed(command: ObservedCommand, reply: unknown): void {
    const { op, key, token } = command
    const { state = '' } = reply as { readonly state?: string }
    this.tally.add(op, state)
    if (state === 'granted') this.checks.thefts.granted(token)
    this.#takePushes(command, reply)
    this.checks.queues.executed(command, reply)
    this.checks.calls.executed(command, reply)
    this.checks.coolDowns.executed(command, reply)
    watchEnd(this.world, this.server, key, (command.request as ExtendRequest).newToken ?? token)
  }

  answered(command: ObservedCommand, reply: unknown): void {
    const lateMs = this.world.nowMs - command.sentAtMs - this.#storeTimeoutMs
    if (reply === undefined || lateMs > 0) this.tally.add(command.op, 'ambiguous')
    this.checks.ledger.answered(command, reply)
    this.checks.lostQueues.answered(command, reply)
    this.checks.calls.answered(command, reply)
    this.checks.thefts.answered(command, reply)
  }

  /** The server pushes a grant, while it executes a command. */
  pushed(grant: PushedGrant, subscriber: string, arrives: boolean): void {
    this.#pushes.push({ grant, subscriber, arrives })
  }

  heard(token: string): void {
    this.checks.ledger.heard(token)
  }

  /** The server takes the lease of `token`, while it executes a command. */
  stolen(token: string, endMs: number, thiefFence: number): void {
    this.tally.add('thefts')
    this.checks.thefts.deposed(token, endMs, thiefFence)
  }

  deposed(token: string, thiefFence: number): void {
    this.tally.add('thefts heard', this.checks.beliefs.isBelieved(token) ? 'held' : 'early')
    this.checks.thefts.heard(token, thiefFence)
  }

  /** The store has lost who waits for `key`. */
  queueLost(key: string, tokens: ReadonlySet<string>): void {
    this.checks.queues.lost(key)
    this.checks.lostQueues.lost(key, tokens)
  }

  reconnected(client: SimClient): void {
    this.checks.ledger.reconnected(client)
  }

  #takePushes(command: ObservedCommand, reply: unknown): void {
    this.checks.queues.executing(command, reply)
    for (const { grant, subscriber, arrives } of this.#pushes) {
      const { key, token } = grant
      this.tally.add('pushes')
      this.world.trace.add(this.world.nowMs, -1, 'push', key, token)
      this.checks.queues.pushed(grant, subscriber)
      this.checks.thefts.granted(token)
      this.checks.ledger.pushed(grant, arrives)
      watchEnd(this.world, this.server, key, token)
    }
    const grants = this.#pushes.map(({ grant }) => grant)
    this.checks.fences.executed(command, reply, grants)
    this.#pushes = []
  }
}
