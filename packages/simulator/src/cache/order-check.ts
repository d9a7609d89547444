import type { CommitRequest, StoredEntry } from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'
import type { ObservedCommand } from '../store/store-observer.ts'
import { EPOCH_MS, type World } from '../time/world.ts'
import type { CachePlan } from './cache-plan.ts'
import { IN_DOUBT } from './load-check.ts'
import { type Origin, originIn, softExpiryIn } from './origin.ts'
import type { Origins } from './origins.ts'

/** A `delete`, `set` or `expire` and how far it got; Infinity = not (yet). */
export interface Barrier {
  readonly client: SimClient
  readonly key: string
  /** An `expire`: what is older may be returned as a stale value. */
  readonly soft: boolean
  readonly invokedAtMs: number
  executedAtMs: number
  resolvedAtMs: number
  /** Resolved or rejected. */
  settledAtMs: number
}

/**
 * P8: once a `delete` or `set` has been executed, no older load commits; once it has resolved, no read
 * of the store returns an older value, and nor does its own process. Another process may return one
 * from a call that was already under way there.
 */
export class OrderCheck {
  readonly #world: World
  readonly #origins: Origins
  /** How long after its sending a write may run. */
  readonly #latenessMs: number
  readonly #microTtlMs: number
  readonly #barriers: Barrier[] = []

  constructor(world: World, origins: Origins, plan: CachePlan, refusesLate: boolean) {
    this.#world = world
    this.#origins = origins
    this.#latenessMs = refusesLate ? 3.15 * plan.storeTimeoutMs + 5 : Number.POSITIVE_INFINITY
    this.#microTtlMs = plan.microTtlMs
  }

  invoke(client: SimClient, key: string, soft: boolean): Barrier {
    const barrier: Barrier = {
      client,
      key,
      soft,
      invokedAtMs: this.#world.nowMs,
      executedAtMs: Number.POSITIVE_INFINITY,
      resolvedAtMs: Number.POSITIVE_INFINITY,
      settledAtMs: Number.POSITIVE_INFINITY,
    }
    this.#barriers.push(barrier)
    return barrier
  }

  executed(command: ObservedCommand, reply: unknown): void {
    switch (command.op) {
      case 'commit':
        if (reply === true) this.#committed(command)
        break
      case 'write':
        if ((reply as { state: string }).state === 'written') this.#written(command)
        break
      case 'compareAndSet':
        if ((reply as { state: string }).state === 'written') this.#restamped(command)
        break
      case 'remove':
        this.#crossed(command)
        break
      case 'read':
        this.#read(command, (reply as (StoredEntry | undefined)[])[0])
    }
  }

  /** A `get` of `client`, which knows the time, that began at `calledAtMs` gives a fresh `origin`. */
  freshlyGot(origin: Origin, client: SimClient, calledAtMs: number): void {
    for (const barrier of this.#barriers) {
      const isOver = barrier.key === origin.key && barrier.resolvedAtMs < calledAtMs
      if (barrier.soft && isOver && isOlder(origin, barrier)) {
        this.#violate(origin, `is fresh to c${client.id} after it was made stale`)
      }
    }
  }

  /** A call of `client` that began at `calledAtMs` returns `origin`; `older` = it may have joined one. */
  returned(origin: Origin, client: SimClient, calledAtMs: number, joinedAtMs: number): void {
    const isKept = this.isKept(origin, client, calledAtMs)
    for (const barrier of this.#barriers) {
      const isOwn = barrier.client === client
      if (barrier.soft || barrier.key !== origin.key || (isKept && !isOwn)) continue
      // To its own process a delete counts that has failed, too.
      if (isOwn ? barrier.settledAtMs >= calledAtMs : barrier.resolvedAtMs >= joinedAtMs) continue
      if (isOlder(origin, barrier)) {
        this.#violate(origin, `is returned in c${client.id}, which asked after it was superseded`)
      }
    }
  }

  /** What a process has loaded without the store serves it for a moment, whatever others do. */
  isKept({ client, kind, token, endedAtMs }: Origin, by: SimClient, atMs: number): boolean {
    if (client !== by || kind !== 'load' || !['', IN_DOUBT].includes(token)) return false
    return atMs <= endedAtMs + this.#microTtlMs * DRIFT + 1
  }

  /** A delete or set of the key by this client has settled since. */
  detached(client: SimClient, key: string, fromMs: number): boolean {
    return this.#barriers.some(
      (barrier) =>
        barrier.client === client &&
        barrier.key === key &&
        barrier.settledAtMs >= fromMs &&
        barrier.settledAtMs <= this.#world.nowMs,
    )
  }

  #committed({ request, key }: ObservedCommand): void {
    const { data } = request as CommitRequest
    const origin = this.#store(data)
    for (const barrier of this.#barriers) {
      if (barrier.key !== key || barrier.executedAtMs > this.#world.nowMs) continue
      if (origin && barrier.invokedAtMs > origin.startedAtMs) {
        this.#violate(origin, 'is committed, although it was superseded while it was loaded')
      }
    }
  }

  #written(command: ObservedCommand): void {
    const origin = this.#store((command.request as CommitRequest).data)
    this.#crossed(command)
    const sinceMs = origin?.failed ? Math.min(origin.endedAtMs, command.sentAtMs) : command.sentAtMs
    if (origin && this.#world.nowMs > sinceMs + this.#latenessMs) {
      this.#violate(origin, 'is written long after its caller was told that it failed')
    }
  }

  #restamped(command: ObservedCommand): void {
    const origin = this.#origins.get(originIn((command.request as CommitRequest).data))
    // The stamp itself lies before: until now the value was what it was.
    if (origin) origin.softEndMs = Math.min(origin.softEndMs, this.#world.nowMs)
    this.#crossed(command)
  }

  #store(data: Uint8Array): Origin | undefined {
    const origin = this.#origins.get(originIn(data))
    if (origin) origin.softEndMs = softExpiryIn(data) - EPOCH_MS
    return origin
  }

  /** The first copy that is executed counts. */
  #crossed({ client, key, sentAtMs }: ObservedCommand): void {
    const barrier = this.#barriers.findLast(
      (b) => b.client === client && b.key === key && b.invokedAtMs <= sentAtMs,
    )
    if (barrier) barrier.executedAtMs = Math.min(barrier.executedAtMs, this.#world.nowMs)
  }

  #read({ key, sentAtMs }: ObservedCommand, entry: StoredEntry | undefined): void {
    const origin = entry && this.#origins.get(originIn(entry.data))
    if (!origin) return
    for (const barrier of this.#barriers) {
      if (
        !barrier.soft &&
        barrier.key === key &&
        barrier.resolvedAtMs < sentAtMs &&
        isOlder(origin, barrier)
      ) {
        this.#violate(origin, 'is read from the store after it was superseded')
      }
    }
  }

  #violate(origin: Origin, what: string): void {
    this.#world.violate('P8', `the ${origin.kind} ${origin.id} of c${origin.client.id} ${what}`)
  }
}

/** A clock of another rate. */
const DRIFT = 1.01

/** Over before the other began; of a `set` that failed, nobody knows when it takes effect. */
function isOlder({ kind, startedAtMs, endedAtMs, failed }: Origin, barrier: Barrier): boolean {
  if (kind === 'load') return startedAtMs < barrier.invokedAtMs
  return !failed && endedAtMs < barrier.invokedAtMs
}
