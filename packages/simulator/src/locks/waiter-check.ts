import type { SimClient } from '../fleet/sim-client.ts'
import type { SimServer } from '../store/sim-server.ts'
import type { World } from '../time/world.ts'
import type { TokenRecord } from './token-record.ts'

/** Who has a place or a grant in the store waits for it, and believes in it only when that is safe. */
export class WaiterCheck {
  readonly #world: World
  readonly #server: SimServer

  constructor(world: World, server: SimServer) {
    this.#world = world
    this.#server = server
  }

  /** `waiting`: how many calls do. */
  check(queued: Iterable<TokenRecord>, waiting: (client: SimClient, key: string) => number): void {
    const places = new Map<string, number>()
    for (const record of queued) {
      const { client, key, token } = record.command
      if (!client.running || client.closing) continue
      this.#checkReconnected(record)
      if (!this.#isKept(key, token)) continue
      const name = `${client.id} ${key}`
      const count = (places.get(name) ?? 0) + 1
      places.set(name, count)
      if (count > waiting(client, key)) {
        this.#world.violate('P2', `${token} keeps its place for ${key}, and nobody waits`)
      }
    }
  }

  /** A grant that may be old or not the last word is extended before anything runs on it. */
  checkTakeOver(
    { command, reconnects }: TokenRecord,
    { atMs, grantMs, heardAtMs }: NonNullable<TokenRecord['push']>,
  ): void {
    const { client, token } = command
    if (client.reconnects > reconnects) {
      this.#world.violate('queue', `${token} is believed unasked after a reconnect`)
    }
    if (heardAtMs - atMs > 1.01 * (grantMs / 4) + 2) {
      this.#world.violate('queue', `${token} is believed unasked, although its grant is old`)
    }
  }

  #checkReconnected({ command, askByMs }: TokenRecord): void {
    if (this.#world.nowMs > askByMs && command.client.limits.quietSince(askByMs)) {
      this.#world.violate('queue', `${command.token} does not ask again after a reconnect`)
    }
  }

  #isKept(key: string, token: string): boolean {
    if (this.#server.leases.get(key)?.queue.has(token)) return true
    return this.#server.leaseEndMs(key, token) !== undefined
  }
}
