import type { CompareAndSetReply, CompareAndSetRequest, LocksError } from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'
import type { ObservedCommand, StoreObserver } from '../store/store-observer.ts'
import type { Tally } from '../tally.ts'
import type { World } from '../time/world.ts'
import type { Change, Link, Reading } from './change.ts'

/**
 * No update is lost: what is stored follows what its maker had seen, and nobody else's change in between.
 * A call that succeeds has stored its value, once; one that is refused has not, and was in the way of
 * somebody else's.
 */
export class OptimisticAudit implements StoreObserver {
  readonly #world: World
  readonly #tally: Tally
  readonly #changes: Change[] = []
  /** The changes that were stored under each key, in that order. */
  readonly #stored = new Map<string, Change[]>()
  /** Changes whose command ran more than once. */
  readonly #repeated = new Set<Change>()

  constructor(world: World, tally: Tally) {
    this.#world = world
    this.#tally = tally
  }

  sent(): void {}

  answered(_command: ObservedCommand, reply: unknown): void {
    if (reply === undefined) this.#tally.add('compareAndSet', 'ambiguous')
  }

  executed({ op, key, request }: ObservedCommand, reply: unknown): void {
    if (op !== 'compareAndSet') return
    const { state } = reply as CompareAndSetReply
    this.#tally.add(op, state)
    const { data } = request as CompareAndSetRequest
    if (state === 'late' || data.length === 0) return
    const { id, after }: Link = JSON.parse(Buffer.from(data.subarray(1)).toString())
    const change = this.#changes[id]
    if (!change) return
    const stored = this.#storedUnder(key)
    if (stored.includes(change)) this.#repeated.add(change)
    else if (state === 'written') {
      this.#checkFollows(change, after, stored)
      stored.push(change)
    }
  }

  read(client: SimClient, key: string, link: Link | undefined): Reading {
    return { client, key, seen: link?.id }
  }

  change(reading: Reading): Change {
    const change = { reading, id: this.#changes.length, isSettled: false }
    this.#changes.push(change)
    return change
  }

  confirmed(change: Change, link: Link | undefined): void {
    this.#settle(change, 'set')
    const { reading, id } = change
    const times = this.#storedUnder(reading.key).filter((one) => one === change).length
    if (times !== 1) this.#violate('cas', change, `is confirmed, and was stored ${times} times`)
    if (link?.id !== id) this.#violate('cas', change, `is confirmed, and shows ${link?.id}`)
    reading.seen = id
  }

  refused(change: Change, error: LocksError): void {
    this.#settle(change, error.code)
    if (error.code === 'STORE_UNAVAILABLE') return
    if (error.code !== 'CONFLICT') this.#violate('error', change, error.message)
    const { reading } = change
    const stored = this.#storedUnder(reading.key)
    // Stored, replaced by somebody, and sent again by the client: the store cannot know.
    if (stored.includes(change) && !this.#repeated.has(change)) {
      this.#violate('cas', change, 'is refused, and was stored')
    }
    const since = stored.slice(stored.findIndex(({ id }) => id === reading.seen) + 1)
    if (since.every((one) => one.reading === reading)) {
      this.#violate('needless', change, 'is refused, and nobody was in its way')
    }
  }

  watch(): void {}

  finish(): void {
    for (const change of this.#changes) {
      const { client } = change.reading
      if (!change.isSettled && !client.crashed) this.#violate('wait', change, 'hangs')
    }
  }

  /** Its own maker's changes do not count: of those that had no answer it cannot know. */
  #checkFollows(change: Change, after: number | undefined, stored: readonly Change[]): void {
    for (const before of stored.toReversed()) {
      if (before.id === after) return
      if (before.reading !== change.reading) {
        this.#violate('lost update', change, `has seen ${after} and replaces ${before.id}`)
        return
      }
    }
    if (after !== undefined) this.#violate('lost update', change, `follows ${after}, which is gone`)
  }

  #storedUnder(key: string): Change[] {
    const stored = this.#stored.get(key) ?? []
    this.#stored.set(key, stored)
    return stored
  }

  #settle(change: Change, outcome: string): void {
    change.isSettled = true
    this.#tally.add('changes', outcome)
  }

  #violate(rule: string, { reading, id }: Change, what: string): void {
    this.#world.violate(rule, `change ${id} of ${reading.key} by c${reading.client.id} ${what}`)
  }
}
