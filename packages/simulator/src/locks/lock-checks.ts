import type { SimClient } from '../fleet/sim-client.ts'
import type { SimServer } from '../store/sim-server.ts'
import type { World } from '../time/world.ts'
import { BeliefCheck } from './belief-check.ts'
import { CallCheck } from './call-check.ts'
import { CoolDownCheck } from './cool-down-check.ts'
import { FenceCheck } from './fence-check.ts'
import { LostQueueCheck } from './lost-queue-check.ts'
import { QueueCheck } from './queue-check.ts'
import { StormCheck } from './storm-check.ts'
import { TheftCheck } from './theft-check.ts'
import { TokenLedger } from './token-ledger.ts'

export interface LockCheckOptions {
  readonly queue: boolean
  readonly handsOn?: boolean
}

/** All invariants of locks, each by itself. */
export class LockChecks {
  readonly storms: StormCheck
  readonly ledger: TokenLedger
  readonly beliefs: BeliefCheck
  readonly fences: FenceCheck
  readonly calls: CallCheck
  readonly coolDowns: CoolDownCheck
  readonly queues: QueueCheck
  readonly lostQueues: LostQueueCheck
  readonly thefts: TheftCheck

  constructor(
    world: World,
    server: SimServer,
    storeTimeoutMs: number,
    { queue, handsOn = false }: LockCheckOptions,
  ) {
    this.storms = new StormCheck(world)
    this.ledger = new TokenLedger(world, server, storeTimeoutMs)
    this.thefts = new TheftCheck(world, storeTimeoutMs)
    this.beliefs = new BeliefCheck(world, server, this.ledger, this.thefts)
    this.fences = new FenceCheck(world)
    this.queues = new QueueCheck(world, server)
    this.lostQueues = new LostQueueCheck(world)
    this.coolDowns = new CoolDownCheck(world, server)
    const waitsFor = (client: SimClient, key: string) => this.beliefs.believes(client, key)
    const calls = { queue, ...(handsOn && { waitsFor }) }
    this.calls = new CallCheck(world, server, storeTimeoutMs, calls)
  }

  /** After each event. */
  watch(): void {
    this.beliefs.watch()
    this.ledger.watch()
    this.calls.watch()
    this.lostQueues.watch()
    this.ledger.checkWaiters((client, key) => this.calls.waiting(client, key))
  }
}
