import type { AcquireRequest, ExtendRequest, PushedGrant } from '@locks/core'
import type { SimServer } from '../store/sim-server.ts'
import type { ObservedCommand } from '../store/store-observer.ts'
import type { World } from '../time/world.ts'

/** Who waits, as it asked first. */
interface Waiting {
  readonly subscriber: string
  readonly units: number
  readonly capacity: number
}

/**
 * The store's queue, followed from the commands that it executes: first come, first served, except that
 * who cannot be reached when its turn comes is passed over and loses its place, and nobody waits for what
 * is free. Nobody enqueues before it can be reached.
 */
export class QueueCheck {
  readonly #world: World
  readonly #server: SimServer
  /** Per key, oldest first. */
  readonly #queues = new Map<string, Map<string, Waiting>>()
  /** The fence with which a token was served last: a repeat has the same. */
  readonly #granted = new Map<string, number | undefined>()
  /** Units that each token has asked for. */
  readonly #units = new Map<string, number>()
  /** Who asks in the command that is being executed: it can be reached. */
  #own = ''
  /** It is told by the reply that it is served. */
  #ownIsServed = false

  constructor(world: World, server: SimServer) {
    this.#world = world
    this.#server = server
  }

  sent({ op, token, request }: ObservedCommand): void {
    this.#adopting(token, (request as ExtendRequest).newToken)
    const { waiter, units = 1, capacity = 1 } = request as AcquireRequest
    if (op === 'steal') this.#units.set(token, capacity)
    if (op !== 'acquire') return
    if ((this.#units.get(token) ?? units) !== units) {
      this.#world.violate('queue', `${token} asks again for another share`)
    }
    this.#units.set(token, units)
    if (waiter && !this.#server.lines.get(waiter.subscriber)?.opened) {
      this.#world.violate('queue', `${token} enqueues before pushes arrive`)
    }
  }

  /** The store has lost it. */
  lost(key: string): void {
    this.#queue(key).clear()
  }

  /** Before its pushes are looked at. */
  executing(command: ObservedCommand, reply: unknown): void {
    const { op, key, token } = command
    if (op === 'leave') this.#queue(key).delete(token)
    const { state } = reply as { readonly state?: string }
    this.#own = op === 'acquire' ? token : ''
    this.#ownIsServed = state === 'granted'
    if (serves(command, reply)) this.#dropDead(key)
  }

  pushed({ key, token, fence }: PushedGrant, subscriber: string): void {
    if (!this.#server.alive(subscriber)) {
      this.#world.violate('queue', `${key} is granted to ${token}, which is gone`)
    }
    if (!this.#queue(key).has(token)) {
      this.#world.violate('queue', `${key} is granted to ${token}, which does not wait`)
    }
    this.#serve(key, token, fence)
    this.#dropDead(key)
  }

  /** After them. */
  executed(command: ObservedCommand, reply: unknown): void {
    if (command.op === 'acquire') this.#asked(command, reply)
    if (serves(command, reply)) this.#checkHead(command.key)
  }

  #asked({ key, token, request }: ObservedCommand, reply: unknown): void {
    const { state, fence } = reply as { readonly state?: string; readonly fence?: number }
    const queue = this.#queue(key)
    const { waiter, units = 1, capacity = 1 } = request as AcquireRequest
    if (state === 'held') this.#granted.delete(token)
    if (state === 'held' && waiter && !queue.has(token)) {
      queue.set(token, { subscriber: waiter.subscriber, units, capacity })
    }
    if (state !== 'granted') return
    const isRepeat = this.#granted.has(token) && this.#granted.get(token) === fence
    if (isRepeat) queue.delete(token)
    else this.#serve(key, token, fence)
    this.#dropDead(key)
  }

  #serve(key: string, token: string, fence: number | undefined): void {
    this.#granted.set(token, fence)
    const queue = this.#queue(key)
    for (const [other, { subscriber }] of queue) {
      if (other === token) break
      if (other === this.#own && this.#ownIsServed) continue
      if (this.#server.alive(subscriber)) {
        this.#world.violate('queue', `${key} is granted to ${token} before ${other}`)
      }
      queue.delete(other)
    }
    queue.delete(token)
  }

  /** An adopter holds as much as who handed it over. */
  #adopting(token: string, newToken: string | undefined): void {
    const units = this.#units.get(token)
    if (newToken && units) this.#units.set(newToken, units)
  }

  /** It is nobody's turn while nothing is free. */
  #dropDead(key: string): void {
    const { holders, capacity } = this.#server.lease(key)
    const used = [...holders.values()].reduce((sum, { units }) => sum + units, 0)
    if (used >= capacity) return
    const queue = this.#queue(key)
    for (const [token, { subscriber }] of queue) {
      if (token === this.#own || this.#server.alive(subscriber)) return
      queue.delete(token)
    }
  }

  /** The first in the queue waits because it does not fit. */
  #checkHead(key: string): void {
    const [head] = this.#queue(key)
    if (!head) return
    const [token, { units, capacity }] = head
    let free = capacity
    for (const holder of this.#server.leases.get(key)?.holders.keys() ?? []) {
      const holds = this.#server.leaseEndMs(key, holder) !== undefined
      if (holds) free -= this.#units.get(holder) ?? 0
    }
    if (units <= free) this.#world.violate('queue', `${token} waits for ${key}, and would fit`)
  }

  #queue(key: string): Map<string, Waiting> {
    const known = this.#queues.get(key)
    if (known) return known
    const queue = new Map<string, Waiting>()
    this.#queues.set(key, queue)
    return queue
  }
}

/** Whether it lets in who fits. */
function serves({ op }: ObservedCommand, reply: unknown): boolean {
  const { state } = reply as { readonly state?: string }
  return state !== 'late' && (op === 'acquire' || op === 'release' || op === 'leave')
}
