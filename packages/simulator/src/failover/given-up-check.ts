import type { SimClient } from '../fleet/sim-client.ts'
import type { World } from '../time/world.ts'
import type { ReplicatedShard } from './replicated-shard.ts'

/** A token that its client has given up. */
interface GivenUp {
  readonly client: SimClient
  readonly key: string
  readonly atMs: number
}

/**
 * P2: what is given up is soon given back. What a failover brings back ends with its TTL, and so does here
 * what was given back to a master that is cut off.
 */
export class GivenUpCheck {
  readonly #world: World
  readonly #shard: ReplicatedShard
  readonly #tokens = new Map<string, GivenUp>()

  constructor(world: World, shard: ReplicatedShard) {
    this.#world = world
    this.#shard = shard
  }

  add(token: string, client: SimClient, key: string): void {
    this.#tokens.set(token, { client, key, atMs: this.#world.nowMs })
  }

  /**
   * A failover can bring a place in the queue back whose token was served since: then that is granted once
   * more, by its own release at the earliest, and ends with its TTL as all that a failover brings back.
   */
  pushed(token: string): void {
    if (this.#shard.hasFailed) this.#tokens.delete(token)
  }

  watch(): void {
    const { failedAtMs, isSplit, master } = this.#shard
    for (const [token, { client, key, atMs }] of this.#tokens) {
      if (!(this.#world.nowMs > client.limits.undoneByMs(atMs))) continue
      this.#tokens.delete(token)
      if (isSplit || failedAtMs >= atMs || master.server.leaseEndMs(key, token) === undefined)
        continue
      this.#world.violate('P2', `${token} keeps ${key} on ${master.address}`)
    }
  }
}
