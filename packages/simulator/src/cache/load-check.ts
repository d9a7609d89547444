import type { SimClient } from '../fleet/sim-client.ts'
import type { ObservedCommand } from '../store/store-observer.ts'
import type { World } from '../time/world.ts'
import type { CachePlan } from './cache-plan.ts'
import type { OrderCheck } from './order-check.ts'
import type { Origin } from './origin.ts'
import type { Origins } from './origins.ts'
import type { TagCheck } from './tag-check.ts'

/** Nobody can tell which load is the one that was elected a while ago: after trouble, or of several. */
export const IN_DOUBT = '?'

/** A `getOrSet` that has not settled. */
export interface Fetch {
  readonly client: SimClient
  readonly key: string
  readonly calledAtMs: number
  /** Since when a call that it may have joined has been under way in its process. */
  readonly joinedAtMs: number
}

/**
 * P7 in the processes: a loader runs because its process was elected; else only because the store is
 * in trouble or a load elsewhere took longer than anybody waits, and then once per process.
 */
export class LoadCheck {
  readonly #world: World
  readonly #origins: Origins
  readonly #order: OrderCheck
  readonly #plan: CachePlan
  readonly #fetches = new Set<Fetch>()
  /** When a value of the key last could not be packed. */
  readonly #notStoredAtMs = new Map<string, number>()
  readonly #tags: TagCheck
  /** The event in which a client was last told of tags. */
  readonly #taggedAt = new Map<SimClient, number>()
  /** Elections whose winners have been told, and have not begun. */
  #won: {
    readonly command: ObservedCommand
    readonly atMs: number
    readonly event: number
    readonly pausedMs: number
  }[] = []

  constructor(world: World, origins: Origins, order: OrderCheck, tags: TagCheck, plan: CachePlan) {
    this.#world = world
    this.#origins = origins
    this.#order = order
    this.#tags = tags
    this.#plan = plan
  }

  get pending(): Iterable<Fetch> {
    return this.#fetches
  }

  begin(client: SimClient, key: string): Fetch {
    const calledAtMs = this.#world.nowMs
    const joinedAtMs = Math.min(calledAtMs, this.underWaySinceMs(client, key))
    const fetch = { client, key, calledAtMs, joinedAtMs }
    this.#fetches.add(fetch)
    return fetch
  }

  end(fetch: Fetch): void {
    this.#fetches.delete(fetch)
  }

  /** Since when a call that it may have joined has been under way, or a load that goes on without callers. */
  joinedSinceMs({ client, joinedAtMs }: Fetch, { kind, client: by, startedAtMs }: Origin): number {
    const mayJoin = this.#outlastsCallers && kind === 'load' && by === client
    return mayJoin ? Math.min(joinedAtMs, startedAtMs) : joinedAtMs
  }

  /** Whoever waits for a load of `key` may have to load for himself. */
  notStored(key: string): void {
    this.#notStoredAtMs.set(key, this.#world.nowMs)
  }

  answered(command: ObservedCommand, reply: unknown): void {
    const { client, key, op } = command
    if (isOfTags(key)) this.#taggedAt.set(client, this.#world.events)
    const won = op === 'lease' && (reply as { state?: string } | undefined)?.state === 'won'
    const { nowMs, events } = this.#world
    const { pausedMs } = client
    if (won) this.#won.push({ command, atMs: nowMs, event: events, pausedMs })
  }

  /** The loader of `load` begins to run. */
  start(load: Origin): void {
    const { client, key } = load
    const sinceMs = this.#world.nowMs - 10 * client.limits.callMs
    const mine = this.#won.filter(({ command, atMs, pausedMs }) => {
      const isRecent = atMs + client.pausedMs - pausedMs >= sinceMs
      return command.client === client && command.key === key && isRecent
    })
    // Who is told in time begins at once, or as soon as he knows the versions of its tags: what begins
    // in between is another load, of a call that was under way before a delete and has waited too long.
    const { events } = this.#world
    const isTold = mine.length === 1 && this.#taggedAt.get(client) === events
    const elected =
      mine.find(({ event }) => event === events) ??
      mine.find(({ command }) => isTold && client.limits.quietSince(command.sentAtMs))
    if (elected) {
      const { token } = elected.command
      load.token = token
      this.#won = this.#won.filter(({ command }) => command.token !== token)
    } else if (mine.length > 0) load.token = IN_DOUBT
    else this.#checkUnelected(load)
  }

  #checkUnelected(load: Origin): void {
    const { client, key, id } = load
    const sinceMs = this.underWaySinceMs(client, key)
    if (this.#hadToWait(key, sinceMs) && client.limits.quietSince(sinceMs)) {
      this.#world.violate('P7', `load ${id} of c${client.id} runs without an election`)
    }
    for (const other of this.#origins.loads(client, key)) {
      const overlaps = other !== load && other.endedAtMs > load.startedAtMs
      if (!overlaps || other.token !== '') continue
      // A set or delete begins a new flight, while the older one goes on for its callers.
      const fromMs = Math.min(sinceMs, other.startedAtMs)
      if (!this.#order.detached(client, key, fromMs) && !this.#tags.detached(client, fromMs)) {
        this.#world.violate('P7', `loads ${other.id} and ${id} run side by side in c${client.id}`)
      }
    }
  }

  #hadToWait(key: string, sinceMs: number): boolean {
    const { leaseMs, waitMs } = this.#plan
    if (this.#outlastsCallers) return false
    // A lease may outlast the load that had nothing to hand over: who asks then waits for it too.
    const notStoredAtMs = this.#notStoredAtMs.get(key) ?? Number.NEGATIVE_INFINITY
    return notStoredAtMs + leaseMs < sinceMs && this.#world.nowMs - sinceMs < waitMs * 0.99
  }

  /** Who began a load may have got an old value long ago, while others have joined. */
  get #outlastsCallers(): boolean {
    const { keptMsMax, softTimeoutMs, waitMs } = this.#plan
    return keptMsMax > 0 && softTimeoutMs < waitMs
  }

  /** When the oldest call under way for the key in this process began. */
  underWaySinceMs(client: SimClient, key: string): number {
    let sinceMs = Number.POSITIVE_INFINITY
    for (const fetch of this.#fetches) {
      if (fetch.client === client && fetch.key === key) {
        sinceMs = Math.min(sinceMs, fetch.joinedAtMs)
      }
    }
    return sinceMs
  }
}

const isOfTags = (key: string): boolean => key.startsWith('sim:t1:')
