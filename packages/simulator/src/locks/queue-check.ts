import type { AcquireRequest, PushedGrant } from '@locks/core'
import type { SimServer } from '../store/sim-server.ts'
import type { ObservedCommand } from '../store/store-observer.ts'
import type { World } from '../time/world.ts'

/**
 * The store's queue, followed from the commands that it executes: first come, first served, except that
 * who cannot be reached is passed over and loses its place. Nobody enqueues before it can be reached.
 */
export class QueueCheck {
  readonly #world: World
  readonly #server: SimServer
  /** Per key: the subscriber of each token that waits, oldest first. */
  readonly #queues = new Map<string, Map<string, string>>()
  readonly #granted = new Set<string>()

  constructor(world: World, server: SimServer) {
    this.#world = world
    this.#server = server
  }

  sent({ op, token, request }: ObservedCommand): void {
    const { waiter } = request as AcquireRequest
    if (op !== 'acquire' || !waiter) return
    if (!this.#server.lines.get(waiter.subscriber)?.opened) {
      this.#world.violate('queue', `${token} enqueues before pushes arrive`)
    }
  }

  /** Before its pushes are looked at. */
  executing({ op, key, token }: ObservedCommand, reply: unknown): void {
    if (op === 'leave') this.#queue(key).delete(token)
    const { state } = reply as { readonly state?: string }
    if (state !== 'late' && (op === 'acquire' || op === 'release' || op === 'leave')) {
      this.#dropDead(key, token)
    }
  }

  pushed({ key, token }: PushedGrant, subscriber: string): void {
    if (!this.#server.alive(subscriber)) {
      this.#world.violate('queue', `${key} is granted to ${token}, which is gone`)
    }
    if (!this.#queue(key).has(token)) {
      this.#world.violate('queue', `${key} is granted to ${token}, which does not wait`)
    }
    this.#serve(key, token)
    this.#dropDead(key, '')
  }

  /** After them. */
  executed({ op, key, token, request }: ObservedCommand, reply: unknown): void {
    if (op !== 'acquire') return
    const { state } = reply as { readonly state?: string }
    const queue = this.#queue(key)
    const { waiter } = request as AcquireRequest
    if (state === 'held') this.#granted.delete(token)
    if (state === 'held' && waiter && !queue.has(token)) queue.set(token, waiter.subscriber)
    if (state !== 'granted') return
    // A repeat of what it was granted before.
    if (this.#granted.has(token)) queue.delete(token)
    else this.#serve(key, token)
    this.#dropDead(key, '')
  }

  #serve(key: string, token: string): void {
    this.#granted.add(token)
    const queue = this.#queue(key)
    for (const [other, subscriber] of queue) {
      if (other === token) break
      if (this.#server.alive(subscriber)) {
        this.#world.violate('queue', `${key} is granted to ${token} before ${other}`)
      }
      queue.delete(other)
    }
    queue.delete(token)
  }

  /** `own`: who asks for itself can be reached. */
  #dropDead(key: string, own: string): void {
    const queue = this.#queue(key)
    for (const [token, subscriber] of queue) {
      if (token === own || this.#server.alive(subscriber)) return
      queue.delete(token)
    }
  }

  #queue(key: string): Map<string, string> {
    const known = this.#queues.get(key)
    if (known) return known
    const queue = new Map<string, string>()
    this.#queues.set(key, queue)
    return queue
  }
}
