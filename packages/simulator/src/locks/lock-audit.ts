import type { ExtendRequest, Lock, LockGrant, LocksError, PushedGrant } from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'
import type { SimServer } from '../store/sim-server.ts'
import type { ObservedCommand, StoreObserver } from '../store/store-observer.ts'
import type { Tally } from '../tally.ts'
import type { World } from '../time/world.ts'
import { BeliefCheck } from './belief-check.ts'
import { type Call, CallCheck } from './call-check.ts'
import { CoolDownCheck } from './cool-down-check.ts'
import { FenceCheck } from './fence-check.ts'
import { QueueCheck } from './queue-check.ts'
import { StormCheck } from './storm-check.ts'
import type { Tenure } from './tenure.ts'
import { TheftCheck } from './theft-check.ts'
import { TokenLedger } from './token-ledger.ts'
import { watchEnd } from './watch-end.ts'

/** What a caller asked for. */
export type Asked = Pick<Call, 'client' | 'key' | 'waitMs' | 'share'>

/** How a caller means to hold it. */
export type Asking = Omit<Tenure, 'client' | 'lock' | 'key' | 'share' | 'grantedAtMs'>

/** All invariants of locks. The workload tells it what callers do; it sees the store for itself. */
export class LockAudit implements StoreObserver {
  readonly #world: World
  readonly #server: SimServer
  readonly #tally: Tally
  readonly #storeTimeoutMs: number
  readonly #storms: StormCheck
  readonly #ledger: TokenLedger
  readonly #beliefs: BeliefCheck
  readonly #fences: FenceCheck
  readonly #calls: CallCheck
  readonly #coolDowns: CoolDownCheck
  readonly #queues: QueueCheck
  readonly #thefts: TheftCheck
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
    options: { readonly queue: boolean; readonly handsOn?: boolean },
  ) {
    this.#world = world
    this.#server = server
    this.#tally = tally
    this.#storeTimeoutMs = storeTimeoutMs
    this.#storms = new StormCheck(world)
    this.#ledger = new TokenLedger(world, server, storeTimeoutMs)
    this.#thefts = new TheftCheck(world, storeTimeoutMs)
    this.#beliefs = new BeliefCheck(world, server, this.#ledger, this.#thefts)
    this.#fences = new FenceCheck(world)
    this.#queues = new QueueCheck(world, server)
    this.#coolDowns = new CoolDownCheck(world, server)
    const waitsFor = (client: SimClient, key: string) => this.#beliefs.believes(client, key)
    const { queue, handsOn = false } = options
    const calls = { queue, ...(handsOn && { waitsFor }) }
    this.#calls = new CallCheck(world, server, storeTimeoutMs, calls)
  }

  sent(command: ObservedCommand): void {
    this.#storms.sent(command)
    this.#ledger.sent(command)
    this.#queues.sent(command)
    this.#coolDowns.sent(command)
    this.#calls.sent(command)
  }

  executed(command: ObservedCommand, reply: unknown): void {
    const { op, key, token } = command
    const { state = '' } = reply as { readonly state?: string }
    this.#tally.add(op, state)
    if (state === 'granted') this.#thefts.granted(token)
    this.#takePushes(command, reply)
    this.#queues.executed(command, reply)
    this.#calls.executed(command, reply)
    this.#coolDowns.executed(command, reply)
    watchEnd(this.#world, this.#server, key, (command.request as ExtendRequest).newToken ?? token)
  }

  answered(command: ObservedCommand, reply: unknown): void {
    const lateMs = this.#world.nowMs - command.sentAtMs - this.#storeTimeoutMs
    if (reply === undefined || lateMs > 0) this.#tally.add(command.op, 'ambiguous')
    this.#ledger.answered(command, reply)
    this.#calls.answered(command, reply)
    this.#thefts.answered(command, reply)
  }

  /** The server pushes a grant, while it executes a command. */
  pushed(grant: PushedGrant, subscriber: string, arrives: boolean): void {
    this.#pushes.push({ grant, subscriber, arrives })
  }

  heard(token: string): void {
    this.#ledger.heard(token)
  }

  /** The server takes the lease of `token`, while it executes a command. */
  stolen(token: string, endMs: number): void {
    this.#tally.add('thefts')
    this.#thefts.deposed(token, endMs)
  }

  deposed(token: string): void {
    this.#tally.add('thefts heard', this.#beliefs.isBelieved(token) ? 'held' : 'early')
    this.#thefts.heard(token)
  }

  reconnected(client: SimClient): void {
    this.#ledger.reconnected(client)
  }

  call(asked: Asked): Call {
    const { client, key } = asked
    const call = {
      ...asked,
      startedAtMs: this.#world.nowMs,
      pausedMs: client.pausedMs,
      fenceFloor: this.#fences.floor(key),
      interrupted: client.closing,
    }
    this.#calls.start(call)
    return call
  }

  /** P4: what is granted is held at this very moment. */
  granted(call: Call, lock: Lock, options: Asking): Tenure {
    this.#calls.granted(call, lock)
    const { key, share, fenceFloor } = call
    this.#tally.add('grants')
    this.#tally.add('grants', share.name)
    // Who has not heard of a theft hands on in its process what the thief has got since.
    const floor = this.#thefts.isDeposed(lock.token) ? 0 : fenceFloor
    this.#fences.known(key, lock.token, lock.fence, floor)
    return this.#hold(call, lock, options)
  }

  handOver({ lock }: Tenure): LockGrant {
    this.#tally.add('handovers')
    this.#ledger.giveUp(lock.token, 'handed over')
    this.#calls.handedOver(lock.token)
    return lock.handover()
  }

  /** An adopter goes on with the fence, and with a token of its own. */
  adopted(call: Call, grant: LockGrant, lock: Lock, options: Asking): Tenure {
    this.#tally.add('adoptions')
    this.#calls.settle(call)
    if (lock.fence !== grant.fence) {
      this.#world.violate('P6', `${lock.token} is adopted with another fence than ${grant.fence}`)
    }
    return this.#hold(call, lock, options)
  }

  notAdopted(call: Call, grant: LockGrant, error: LocksError): void {
    this.#calls.settle(call)
    const { client, key } = call
    this.#tally.add('not adopted', error.code)
    if (error.code === 'STORE_UNAVAILABLE') {
      this.#calls.failed(call)
      this.#ledger.notAdopted(grant.token, client)
    } else if (error.code !== 'LOCK_LOST') this.#world.violate('error', `c${client.id}: ${error}`)
    else if (this.#server.leaseEndMs(key, grant.token) !== undefined) {
      this.#world.violate('needless', `c${client.id} cannot adopt ${grant.token}, which is there`)
    }
  }

  /** `null` from a single try, or an error. */
  refused(call: Call, error: { readonly name?: string; readonly code?: string } | null): void {
    this.#calls.settle(call)
    this.#tally.add('refused', error ? `${error.name}` : 'busy')
    if (error?.code === 'STORE_UNAVAILABLE') this.#calls.failed(call)
    else if (error?.code === 'CONFLICT') this.#calls.conflicted(call)
    else if (error && error.code !== 'LOCK_TIMEOUT' && !call.interrupted) {
      this.#world.violate('error', `c${call.client.id}: ${error}`)
    }
  }

  /** Releases with a cool-down, which is exempt from being given up. */
  coolDown(tenure: Tenure, afterMs: number): Promise<boolean> {
    const { lock } = tenure
    if (lock.held && this.#ledger.giveUp(lock.token, 'cooling')) {
      this.#tally.add('cool-downs')
      this.#coolDowns.start(tenure, afterMs)
    }
    return lock.release({ after: afterMs })
  }

  /** A `request` whose callback had `tenure` has resolved: then it was held to the end. */
  completed({ client, lock }: Tenure): void {
    if (this.#ledger.wasLost(lock.token)) {
      this.#world.violate('request', `c${client.id} is not told that ${lock.token} was lost`)
    }
  }

  /** The locks of `client` have begun to close. */
  closing(client: SimClient): void {
    client.closingSinceMs = this.#world.nowMs
    this.#calls.interrupt(client)
  }

  closed(client: SimClient): void {
    this.#beliefs.checkClosed(client)
    this.#ledger.checkClosed(client)
  }

  watch(): void {
    this.#beliefs.watch()
    this.#ledger.watch()
    this.#calls.watch()
    this.#ledger.checkWaiters((client, key) => this.#calls.waiting(client, key))
  }

  /** Nothing happens any more. */
  finish(): void {
    this.#calls.finish()
  }

  #hold({ client, key, share }: Call, lock: Lock, options: Asking): Tenure {
    const tenure: Tenure = { ...options, client, lock, key, share, grantedAtMs: this.#world.nowMs }
    if (tenure.trusts === 'held' && !lock.held) {
      this.#world.violate('P4', `c${client.id} is granted ${lock.token} with nothing left of it`)
    }
    this.#ledger.hold(lock.token, options.graceMs)
    this.#beliefs.start(tenure)
    return tenure
  }

  #takePushes(command: ObservedCommand, reply: unknown): void {
    this.#queues.executing(command, reply)
    for (const { grant, subscriber, arrives } of this.#pushes) {
      const { key, token } = grant
      this.#tally.add('pushes')
      this.#world.trace.add(this.#world.nowMs, -1, 'push', key, token)
      this.#queues.pushed(grant, subscriber)
      this.#thefts.granted(token)
      this.#ledger.pushed(grant, arrives)
      watchEnd(this.#world, this.#server, key, token)
    }
    const grants = this.#pushes.map(({ grant }) => grant)
    this.#fences.executed(command, reply, grants)
    this.#pushes = []
  }
}
