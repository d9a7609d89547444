import type { Clock } from '../clock.ts'
import type { GrantListener, LeaseStore, PushedGrant, PushedLoss } from '../contract/lease-store.ts'
import type { Subscription } from '../contract/subscription.ts'
import { UnsupportedError } from '../errors.ts'
import type { Random } from '../random.ts'
import { NameQueue } from './name-queue.ts'
import type { Place } from './place.ts'

/** Who is told what no waiter waits for. */
export interface InboxOwner {
  /** A grant for a token that nobody here waits for. */
  orphaned(grant: PushedGrant): void
  stolen(loss: PushedLoss): void
}

/**
 * Where pushed grants arrive, and who here waits for them.
 *
 * Opened by the first waiter that needs it, so that locks without contention cost no connection. A
 * waiter enters before its command leaves: a push can overtake the reply.
 */
export class GrantInbox {
  /** Our address in the store. */
  readonly subscriber: string
  readonly #store: LeaseStore
  readonly #clock: Clock
  readonly #random: Random
  readonly #owner: InboxOwner
  readonly #queues = new Map<string, NameQueue>()
  readonly #places = new Map<string, Place>()
  #subscription: Subscription | undefined
  #connected = false
  #connections = 0

  constructor(store: LeaseStore, clock: Clock, random: Random, prefix: string, owner: InboxOwner) {
    this.#store = store
    this.#clock = clock
    this.#random = random
    this.#owner = owner
    this.subscriber = `${prefix}:g1:${random.token()}`
  }

  get supported(): boolean {
    return this.#store.onGrant !== undefined && this.#store.leave !== undefined
  }

  /** Pushes arrive: a command that enqueues may be sent. */
  get ready(): boolean {
    return this.#connected
  }

  /** Counts the connections: a push may have been lost between two of them. */
  get connection(): number {
    return this.#connections
  }

  /** Resolves when ready. @throws whatever the store says; the next call tries anew then. */
  async open(): Promise<void> {
    const subscription = this.#subscription ?? this.#subscribe()
    try {
      await subscription.ready
    } catch (error) {
      if (this.#subscription === subscription) await this.close()
      throw error
    }
    if (this.#subscription === subscription && !this.#connected) this.#connect()
  }

  /** A place for `token`, and the queue of its name here. */
  enter(key: string, token: string): { readonly place: Place; readonly queue: NameQueue } {
    let queue = this.#queues.get(key)
    if (!queue) {
      queue = new NameQueue(this.#clock, this.#random)
      this.#queues.set(key, queue)
    }
    const place = queue.enter()
    this.#places.set(token, place)
    return { place, queue }
  }

  /** From then on a grant for `token` is an orphan. */
  leave(key: string, token: string): void {
    const place = this.#places.get(token)
    const queue = this.#queues.get(key)
    if (!place || !queue) return
    this.#places.delete(token)
    queue.leave(place)
    if (queue.isEmpty) this.#queues.delete(key)
  }

  async close(): Promise<void> {
    this.#connected = false
    const subscription = this.#subscription
    this.#subscription = undefined
    await subscription?.close()
  }

  #subscribe(): Subscription {
    const listener: GrantListener = {
      granted: (grant) => this.#deliver(grant),
      stolen: (loss) => this.#owner.stolen(loss),
      disconnected: () => {
        this.#connected = false
      },
      reconnected: () => {
        this.#connect()
        // Whatever was pushed meanwhile is lost: everybody asks again, keeping its place.
        for (const queue of this.#queues.values()) queue.askAll()
      },
    }
    const subscription = this.#store.onGrant?.(this.subscriber, listener)
    if (!subscription) throw new UnsupportedError('the store has no queue')
    this.#subscription = subscription
    return subscription
  }

  #connect(): void {
    this.#connected = true
    this.#connections++
  }

  #deliver(grant: PushedGrant): void {
    const place = this.#places.get(grant.token)
    if (place) place.deliver(grant, this.#clock.now())
    else this.#owner.orphaned(grant)
  }
}
