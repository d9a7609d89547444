import type { CacheStore, LeaseStore } from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'
import type { Schedule } from '../run/schedule.ts'
import type { Stage, StagePlan } from '../run/stage.ts'
import type { StoreObserver } from '../store/store-observer.ts'
import { CurrentCommand } from './current-command.ts'
import type { MemItem } from './mem-item.ts'
import type { MemPlan } from './mem-plan.ts'
import { MemServer } from './mem-server.ts'
import type { MemStep } from './mem-step.ts'
import { MemTransport } from './mem-transport.ts'
import { watchedStore } from './watched-store.ts'

/** Who looks on. */
export interface MemAudit extends StoreObserver {
  /** The server has executed a command of its own. */
  stepped(step: MemStep): void
  /** The server has dropped what it had accepted. */
  dropped(key: string, item: MemItem): void
}

/** So long a client takes to notice that its connection is closed. */
const NOTICED_MS = 20

type AnyStage = Stage<MemPlan & StagePlan>

/** A memcached instead of the usual server, with what becomes of it. */
export class MemStage {
  readonly server: MemServer
  readonly #stage: AnyStage
  readonly #schedule: Schedule
  readonly #current = new CurrentCommand()
  readonly #transports: { readonly client: SimClient; readonly transport: MemTransport }[] = []

  constructor(stage: AnyStage, schedule: Schedule) {
    this.#stage = stage
    this.#schedule = schedule
    this.server = new MemServer(stage.world)
  }

  openStore(client: SimClient, audit: MemAudit): LeaseStore & CacheStore {
    const { plan, network } = this.#stage
    const { subject, bug } = this.#schedule
    const transport = new MemTransport({
      client,
      server: this.server,
      network,
      current: this.#current,
      tells: plan.tells,
      stepped: (step) => audit.stepped(step),
    })
    this.#transports.push({ client, transport })
    const { clock } = client
    const store = subject.memcachedStore(bug?.transport?.(transport) ?? transport, { clock })
    return watchedStore(store, client, audit, this.#current)
  }

  /** Plans restarts and evictions. */
  planLosses(audit: MemAudit): void {
    const { world, plan } = this.#stage
    const { dice } = world
    for (let i = dice.whole(0, plan.restartsMax); i > 0; i--) this.#plan(() => this.#restart(audit))
    for (let i = dice.whole(0, plan.evictionsMax); i > 0; i--) this.#plan(() => this.#evict(audit))
  }

  #plan(run: () => void): void {
    const { world, trouble } = this.#stage
    world.at(world.dice.between(trouble.fromMs, trouble.untilMs), 'chaos', run)
  }

  #restart(audit: MemAudit): void {
    const { world, tally } = this.#stage
    tally.add('fault', 'restart')
    world.trace.add(world.nowMs, -1, 'restart')
    const items = [...this.server.items].filter(([key]) => this.server.find(key))
    this.server.restart()
    for (const [key, item] of items) audit.dropped(key, item)
    for (const { client, transport } of this.#transports) {
      const noticedMs = world.dice.between(0, NOTICED_MS)
      client.trouble(world.nowMs + NOTICED_MS + client.faults.timerLateMs + 1)
      world.in(noticedMs, 'connection closed', () => transport.drop(), client)
    }
  }

  #evict(audit: MemAudit): void {
    const { world, tally } = this.#stage
    const items = [...this.server.items].filter(([key]) => this.server.find(key))
    const [key, item] = items[world.dice.whole(0, items.length - 1)] ?? []
    if (key === undefined || !item) return
    tally.add('fault', 'eviction')
    world.trace.add(world.nowMs, -1, 'evict', key)
    this.server.delete(key)
    audit.dropped(key, item)
    for (const { client } of this.#transports) client.trouble(world.nowMs)
  }
}
