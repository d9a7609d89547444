import type { SimClient } from '../fleet/sim-client.ts'
import type { ObservedCommand, StoreObserver } from '../store/store-observer.ts'
import type { Tally } from '../tally.ts'
import type { World } from '../time/world.ts'
import type { CachePlan } from './cache-plan.ts'
import type { CacheServer } from './cache-server.ts'
import { ChangeCheck } from './change-check.ts'
import { ElectionCheck } from './election-check.ts'
import { type Fetch, LoadCheck } from './load-check.ts'
import { OrderCheck } from './order-check.ts'
import { type Origin, originIn } from './origin.ts'
import { Origins } from './origins.ts'
import { SignalCheck } from './signal-check.ts'
import { TagCheck } from './tag-check.ts'

/** How long others can still hear of a failed load: until their next look. */
const LOOK_MS = 1100

/** All invariants of the cache. The workload tells it what callers do; it sees the store for itself. */
export class CacheAudit implements StoreObserver {
  readonly changes: ChangeCheck
  readonly #world: World
  readonly #server: CacheServer
  readonly #tally: Tally
  readonly #plan: CachePlan
  readonly #origins: Origins
  readonly #order: OrderCheck
  readonly #elections: ElectionCheck
  readonly #loads: LoadCheck
  readonly #signals: SignalCheck
  readonly #tags: TagCheck

  constructor(world: World, server: CacheServer, tally: Tally, plan: CachePlan) {
    this.#world = world
    this.#server = server
    this.#tally = tally
    this.#plan = plan
    this.#origins = new Origins(world)
    this.#order = new OrderCheck(world, this.#origins, plan, server.refusesLate)
    this.#tags = new TagCheck(world)
    this.changes = new ChangeCheck(world, tally, this.#origins, this.#order, this.#tags)
    this.#loads = new LoadCheck(world, this.#origins, this.#order, this.#tags, plan)
    const underWaySinceMs = (client: SimClient, key: string) =>
      this.#loads.underWaySinceMs(client, key)
    this.#elections = new ElectionCheck(
      world,
      server,
      this.#origins,
      this.#tags,
      plan,
      underWaySinceMs,
    )
    this.#signals = new SignalCheck(world, server, this.#origins, plan.waitMs, underWaySinceMs)
  }

  sent(command: ObservedCommand): void {
    this.#elections.sent(command)
    this.#signals.sent(command)
  }

  /** The server pushes what became of the load of `token`. */
  signalled(client: SimClient, token: string, arrives: boolean): void {
    this.#tally.add('signals')
    this.#signals.pushed(client, token, arrives)
  }

  /** What a cache tells of itself. */
  told(
    client: SimClient,
    { type, ...event }: { readonly type: string; readonly state?: string },
  ): void {
    if (type === 'breaker') this.#tally.add('breaker', event.state ?? '')
    if (type === 'replayed') this.#tally.add('replays')
    // While its store is not asked, and while one command tries, its link is as good as disturbed.
    const { openMs, storeTimeoutMs } = this.#plan
    if (type !== 'breaker' || event.state === 'closed') return
    client.trouble(this.#world.nowMs + 1.25 * openMs + storeTimeoutMs)
  }

  disconnected(client: SimClient): void {
    this.#signals.disconnected(client)
  }

  executed(command: ObservedCommand, reply: unknown): void {
    const { state } = (reply ?? {}) as { readonly state?: string }
    this.#tally.add(command.op, state ?? String(typeof reply === 'boolean' ? reply : ''))
    this.#checkEnds(command.key)
    this.#elections.executed(command, reply)
    this.#signals.executed(command, reply)
    const { reason } = command.request as { readonly reason?: string }
    // Without the versions of its tags a value cannot be stored either.
    if (command.op === 'fail' && reason === 'not stored') this.#loads.notStored(command.key)
    this.#order.executed(command, reply)
  }

  /** The load of `key` has lost what its lease was bound to. */
  lost(key: string): void {
    this.#elections.lost(key)
  }

  answered(command: ObservedCommand, reply: unknown): void {
    const lateMs = this.#world.nowMs - command.sentAtMs - this.#plan.storeTimeoutMs
    const failed = reply === undefined && command.op !== 'fail'
    if (failed || lateMs > 0) this.#tally.add(command.op, 'ambiguous')
    this.#elections.answered(command, reply)
    this.#loads.answered(command, reply)
    this.#signals.answered(command, reply)
  }

  fetch(client: SimClient, key: string): Fetch {
    return this.#loads.begin(client, key)
  }

  loadStarts(client: SimClient, key: string, tags: readonly string[]): Origin {
    this.#tally.add('loads')
    this.#signals.settled(client, key)
    const load = this.#origins.start('load', client, key, tags)
    this.#loads.start(load)
    client.believes++
    return load
  }

  loadEnds(load: Origin, failed: boolean): void {
    load.endedAtMs = this.#world.nowMs
    load.failed = failed
    load.client.believes--
  }

  /** A value begins to be packed: its load is not over before `end`. */
  packing(data: Uint8Array) {
    const origin = this.#origins.get(originIn(data))
    const isLoad = origin?.kind === 'load'
    if (origin && isLoad) origin.endedAtMs = Number.POSITIVE_INFINITY
    const end = (failed: boolean, garbage: boolean) => {
      if (!origin) return
      this.#tally.add('packed', failed ? 'failed' : garbage ? 'garbage' : '')
      origin.garbage = garbage
      if (isLoad) origin.endedAtMs = this.#world.nowMs
      if (failed) this.#loads.notStored(origin.key)
    }
    return { isLoad, end }
  }

  /** A `getOrSet` resolves; `id` of the value, or `undefined` when the loader had none. */
  fetched(fetch: Fetch, id: number | undefined): void {
    const { client, key, calledAtMs, joinedAtMs } = fetch
    this.#loads.end(fetch)
    this.#signals.settled(client, key)
    this.#tally.add('fetched', id === undefined ? 'nothing' : 'value')
    const origin = id === undefined ? undefined : this.#origins.get(id)
    if (id !== undefined && origin?.key !== key) {
      this.#world.violate('value', `c${client.id} gets ${id} for ${key}`)
    }
    if (!origin) return
    this.#returned(origin, client, calledAtMs, joinedAtMs, this.#loads.joinedSinceMs(fetch, origin))
  }

  /** A `getOrSet` rejects because of `load`, or of a store that must not matter. */
  notFetched(fetch: Fetch, loadId: number | undefined, error: unknown): void {
    const { client, calledAtMs } = fetch
    this.#loads.end(fetch)
    this.#signals.settled(client, fetch.key)
    this.#tally.add('fetched', 'error')
    const load = loadId === undefined ? undefined : this.#origins.get(loadId)
    if (!load) {
      if (!client.closing) this.#world.violate('error', `c${client.id}: ${error}`)
      return
    }
    const { limits } = client
    const heardMs = LOOK_MS + 1.3 * this.#plan.loadMs[1] + 2 * limits.roundTripMs
    if (load.endedAtMs + heardMs < calledAtMs && limits.quietSince(load.endedAtMs)) {
      this.#world.violate(
        'rejection',
        `c${client.id} hears of load ${load.id}, which failed long ago`,
      )
    }
  }

  got(client: SimClient, key: string, calledAtMs: number, id: number): void {
    const origin = this.#origins.get(id)
    if (!origin || origin.key !== key) {
      this.#world.violate('value', `c${client.id} gets ${id} for ${key}`)
      return
    }
    this.#returned(origin, client, calledAtMs, calledAtMs)
    if (client.knowsStoreTime) this.#order.freshlyGot(origin, client, calledAtMs)
    if (client.knowsStoreTime && origin.softEndMs < calledAtMs - 30) {
      this.#world.violate('fresh', `c${client.id} gets ${id} of ${key} after its ttl`)
    }
  }

  /** The store has lost what it knew of a tag. */
  evicted(tag: string): void {
    this.#tally.add('evictions')
    this.#tags.evicted(tag)
  }

  watch(): void {
    this.#elections.watch()
    this.#signals.watch()
  }

  /** Nothing happens any more: everything must have settled. */
  finish(): void {
    for (const { client, key } of this.#loads.pending) {
      if (!client.crashed) this.#world.violate('wait', `a call of c${client.id} for ${key} hangs`)
    }
  }

  /** A load that began from an old value is not joined when that is gone; of its tags it does not know. */
  #returned(
    origin: Origin,
    client: SimClient,
    calledAtMs: number,
    joinedAtMs: number,
    loadingSinceMs = joinedAtMs,
  ): void {
    const isKept = this.#order.isKept(origin, client, calledAtMs)
    this.#order.returned(origin, client, calledAtMs, joinedAtMs)
    const sinceMs = isKept ? Number.NEGATIVE_INFINITY : loadingSinceMs
    this.#tags.returned(origin, client, calledAtMs, sinceMs)
  }

  /** P3: whatever is kept has an end. */
  #checkEnds(key: string): void {
    const { entry, lease } = this.#server.cache(key)
    if (Number.isFinite(entry?.untilMs ?? 0) && Number.isFinite(lease?.untilMs ?? 0)) return
    this.#world.violate('P3', `${key} is kept without an end`)
  }
}
