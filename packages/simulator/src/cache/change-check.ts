import type { SimClient } from '../fleet/sim-client.ts'
import type { Tally } from '../tally.ts'
import type { World } from '../time/world.ts'
import type { Barrier, OrderCheck } from './order-check.ts'
import type { Origin } from './origin.ts'
import type { Origins } from './origins.ts'
import type { TagCheck, TagEnd } from './tag-check.ts'

/** What callers change is known to the other checks from its call on, and fails only on a disturbed link. */
export class ChangeCheck {
  readonly #world: World
  readonly #tally: Tally
  readonly #origins: Origins
  readonly #order: OrderCheck
  readonly #tags: TagCheck

  constructor(world: World, tally: Tally, origins: Origins, order: OrderCheck, tags: TagCheck) {
    this.#world = world
    this.#tally = tally
    this.#origins = origins
    this.#order = order
    this.#tags = tags
  }

  /** One of them is called. */
  supersede(
    client: SimClient,
    key: string,
    kind: 'set' | 'delete' | 'expire',
    tags: readonly string[],
  ) {
    const barrier = this.#order.invoke(client, key, kind === 'expire')
    if (kind !== 'set') return { barrier, origin: undefined }
    return { barrier, origin: this.#origins.start('set', client, key, tags) }
  }

  superseded(barrier: Barrier, origin: Origin | undefined, failed: boolean): void {
    const { nowMs } = this.#world
    if (origin) Object.assign(origin, { endedAtMs: nowMs, failed })
    barrier.settledAtMs = nowMs
    if (!failed) {
      barrier.resolvedAtMs = nowMs
      return
    }
    const { client, invokedAtMs } = barrier
    const { limits } = client
    if (limits.quietSince(invokedAtMs) && !client.closing) {
      this.#world.violate('needless', `a set or delete of c${client.id} fails on a healthy link`)
    }
  }

  endTags(client: SimClient, tags: readonly string[] | undefined): TagEnd {
    return this.#tags.invoke(client, tags)
  }

  tagsEnded(end: TagEnd, failed: boolean): void {
    const { nowMs } = this.#world
    this.#tally.add(end.tags ? 'invalidations' : 'clears', failed ? 'failed' : '')
    end.settledAtMs = nowMs
    if (!failed) end.resolvedAtMs = nowMs
    else if (end.client.limits.quietSince(end.invokedAtMs) && !end.client.closing) {
      this.#world.violate('needless', `c${end.client.id} cannot invalidate on a healthy link`)
    }
  }
}
