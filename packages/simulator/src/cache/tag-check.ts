import type { SimClient } from '../fleet/sim-client.ts'
import type { World } from '../time/world.ts'
import type { Origin } from './origin.ts'

/** So long a load may go by a version that it has read before. */
const OLD_VERSION_MS = 1010

/** A call of `invalidateTags` or `clear` and how far it got; Infinity = not (yet). */
export interface TagEnd {
  readonly client: SimClient
  /** `undefined` = a `clear`. */
  readonly tags: readonly string[] | undefined
  readonly invokedAtMs: number
  resolvedAtMs: number
  /** Resolved or rejected. */
  settledAtMs: number
}

/**
 * P8 of tags: once an `invalidateTags` or `clear` has resolved, nobody who asks then gets a value from
 * before, also not as a stale one; another process may get one from a call that was already under way.
 */
export class TagCheck {
  readonly #world: World
  readonly #ends: TagEnd[] = []
  /** Of a tag; `*` is of all. */
  readonly #evictedAtMs = new Map<string, number>()

  constructor(world: World) {
    this.#world = world
  }

  invoke(client: SimClient, tags: readonly string[] | undefined): TagEnd {
    const end: TagEnd = {
      client,
      tags,
      invokedAtMs: this.#world.nowMs,
      resolvedAtMs: Number.POSITIVE_INFINITY,
      settledAtMs: Number.POSITIVE_INFINITY,
    }
    this.#ends.push(end)
    return end
  }

  /** The store has lost what it knew of a tag: values may be gone with it, none may come back. */
  evicted(tag: string): void {
    this.#evictedAtMs.set(tag, this.#world.nowMs)
  }

  /** A call of `client` that began at `calledAtMs` returns `origin`; `older` = it may have joined one. */
  returned(origin: Origin, client: SimClient, calledAtMs: number, joinedAtMs: number): void {
    for (const end of this.#ends) {
      const since = end.client === client ? calledAtMs : joinedAtMs
      if (end.resolvedAtMs >= since || !covers(end, origin) || !isOlder(origin, end)) continue
      const what = end.tags ? 'one of its tags was invalidated' : 'the cache was cleared'
      this.#world.violate(
        'P8',
        `the ${origin.kind} ${origin.id} is returned in c${client.id}, which asked after ${what}`,
      )
    }
  }

  /** One of this client has settled since. */
  detached(client: SimClient, fromMs: number): boolean {
    return this.#ends.some((end) => end.client === client && end.settledAtMs >= fromMs)
  }

  /** Whether somebody may rightly find no value although `origin` is there. */
  mayBeOver(origin: Origin): boolean {
    const evicted = ['*', ...origin.tags].some((tag) => this.#evictedAtMs.has(tag))
    // Of one that failed nobody knows when it takes effect.
    const isAfter = (end: TagEnd) =>
      end.resolvedAtMs === Number.POSITIVE_INFINITY ||
      origin.startedAtMs <= end.resolvedAtMs + OLD_VERSION_MS
    return evicted || this.#ends.some((end) => covers(end, origin) && isAfter(end))
  }
}

const covers = ({ tags }: TagEnd, origin: Origin): boolean =>
  tags === undefined || tags.some((tag) => origin.tags.includes(tag))

function isOlder({ kind, startedAtMs, endedAtMs, failed }: Origin, end: TagEnd): boolean {
  if (kind === 'load') return startedAtMs < end.invokedAtMs
  return !failed && endedAtMs < end.invokedAtMs
}
