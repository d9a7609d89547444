import type { SimClient } from '../fleet/sim-client.ts'
import type { World } from '../time/world.ts'
import type { Origin } from './origin.ts'

/** Every value of one schedule, by the number that it carries. */
export class Origins {
  readonly #world: World
  readonly #origins: Origin[] = []

  constructor(world: World) {
    this.#world = world
  }

  start(kind: Origin['kind'], client: SimClient, key: string, tags: readonly string[]): Origin {
    const origin: Origin = {
      id: this.#origins.length + 1,
      kind,
      client,
      key,
      tags,
      startedAtMs: this.#world.nowMs,
      endedAtMs: Number.POSITIVE_INFINITY,
      failed: false,
      garbage: false,
      token: '',
      softEndMs: Number.POSITIVE_INFINITY,
    }
    this.#origins.push(origin)
    return origin
  }

  get(id: number): Origin | undefined {
    return this.#origins[id - 1]
  }

  *loads(client: SimClient, key: string): Iterable<Origin> {
    for (const origin of this.#origins) {
      if (origin.client === client && origin.key === key && origin.kind === 'load') yield origin
    }
  }

  byToken(token: string): Origin | undefined {
    return this.#origins.find((origin) => origin.token === token)
  }
}
