import type { SimClient } from '../fleet/sim-client.ts'
import type { SimServer } from '../store/sim-server.ts'
import type { ObservedCommand, StoreObserver } from '../store/store-observer.ts'
import type { Tally } from '../tally.ts'
import type { World } from '../time/world.ts'
import type { StreamItem, StreamOrigin } from './stream-origin.ts'

/** One reader of a stream, up to its end. */
export interface Reading {
  readonly client: SimClient
  readonly key: string
  /** Since when a reading that it may have joined has been under way in its process. */
  readonly joinedAtMs: number
  readonly items: StreamItem[]
}

interface Removal {
  readonly key: string
  readonly invokedAtMs: number
  resolvedAtMs: number
}

/**
 * A reader gets all items of one run of a loader, in order, or an error. What is committed is whole, and
 * stays whole for as long as it is found; after a delete nobody gets a stream from before it.
 */
export class StreamAudit implements StoreObserver {
  readonly #world: World
  readonly #server: SimServer
  readonly #tally: Tally
  readonly #origins: StreamOrigin[] = []
  readonly #readings = new Set<Reading>()
  readonly #removals: Removal[] = []
  readonly #evicted = new Set<string>()

  constructor(world: World, server: SimServer, tally: Tally) {
    this.#world = world
    this.#server = server
    this.#tally = tally
  }

  sent(): void {}
  answered(): void {}

  executed({ op, key, request }: ObservedCommand, reply: unknown): void {
    this.#tally.add('streams', `${op} ${typeof reply === 'boolean' ? reply : ''}`.trim())
    const { entry } = this.#server.cache(key)
    if (entry && !Number.isFinite(entry.untilMs)) this.#violate('P3', `${key} has no end`)
    if (op !== 'commit' || reply !== true || !entry) return
    const { chunks, generation } = manifestIn((request as { data: Uint8Array }).data)
    for (let i = 0; i < chunks; i++) {
      const name = `${key}:s${generation}.${i}`
      const chunk = this.#server.cache(name).entry
      if (this.#evicted.has(name)) continue
      if (!chunk) this.#violate('whole', `chunk ${i} of ${key} is not there at the commit`)
      else if (chunk.untilMs < entry.untilMs)
        this.#violate('whole', `chunk ${i} of ${key} ends first`)
    }
  }

  /** The store drops whatever it likes. */
  evict(pick: (keys: readonly string[]) => string | undefined): void {
    const isThere = ([, { entry }]: [string, { entry?: unknown }]) => entry !== undefined
    const key = pick([...this.#server.caches].filter(isThere).map(([name]) => name))
    if (key === undefined) return
    this.#tally.add('streams', 'evicted')
    this.#evicted.add(key)
    delete this.#server.cache(key).entry
  }

  load(client: SimClient, key: string, items: number): StreamOrigin {
    this.#tally.add('streams', 'loads')
    const { nowMs: startedAtMs } = this.#world
    const id = this.#origins.length
    const origin = { id, client, key, items, startedAtMs, isWhole: false }
    this.#origins.push(origin)
    return origin
  }

  read(client: SimClient, key: string): Reading {
    const beside = [...this.#readings].filter((one) => one.client === client && one.key === key)
    const since = beside.map(({ joinedAtMs }) => joinedAtMs)
    const reading = { client, key, joinedAtMs: Math.min(this.#world.nowMs, ...since), items: [] }
    this.#readings.add(reading)
    return reading
  }

  got(reading: Reading, item: StreamItem): void {
    const { items, client, key } = reading
    const [first = item] = items
    items.push(item)
    if (item.origin !== first.origin || item.index !== items.length - 1)
      this.#violate('mix', `c${client.id} gets ${item.index} of ${item.origin} in ${first.origin}`)
    const origin = this.#origins[item.origin]
    if (origin?.key !== key) this.#violate('mix', `c${client.id} gets ${item.origin} for ${key}`)
    else if (items.length === 1) this.#checkOrder(reading, origin)
  }

  /** It came to the end. */
  ended(reading: Reading): void {
    this.#readings.delete(reading)
    this.#tally.add('streams', 'read')
    const { client, items } = reading
    const [first] = items
    const origin = first && this.#origins[first.origin]
    if (!origin) return
    if (!origin.isWhole || items.length !== origin.items)
      this.#violate('truncated', `c${client.id} ends ${origin.id} after ${items.length} items`)
  }

  left(reading: Reading): void {
    this.#readings.delete(reading)
    this.#tally.add('streams', 'left')
  }

  failed(reading: Reading, code: string | undefined, message: string): void {
    this.#readings.delete(reading)
    this.#tally.add('streams', code ?? 'loader error')
    const { client, items } = reading
    const expected = code === undefined || code === 'LOAD_FAILED'
    const inTrouble = code === 'STORE_UNAVAILABLE' && items.length > 0
    const hasLost = code === 'STREAM_BROKEN' && items.length > 0 && this.#evicted.size > 0
    if (!expected && !inTrouble && !hasLost)
      this.#violate('error', `c${client.id} after ${items.length} items: ${message}`)
  }

  remove(key: string): Removal {
    const removal = { key, invokedAtMs: this.#world.nowMs, resolvedAtMs: Number.POSITIVE_INFINITY }
    this.#removals.push(removal)
    return removal
  }

  removed(removal: Removal): void {
    removal.resolvedAtMs = this.#world.nowMs
  }

  watch(): void {}

  finish(): void {
    for (const { client, key } of this.#readings) {
      if (!client.crashed) this.#violate('wait', `a reader of ${key} in c${client.id} hangs`)
    }
  }

  /** Through the store; in the loader's own process one may join a load for as long as it lasts. */
  #checkOrder({ client, key, joinedAtMs }: Reading, origin: StreamOrigin): void {
    if (client === origin.client) return
    for (const { key: removed, invokedAtMs, resolvedAtMs } of this.#removals) {
      if (removed === key && resolvedAtMs < joinedAtMs && origin.startedAtMs < invokedAtMs)
        this.#violate('P8', `c${client.id} gets ${origin.id} of ${key}, which was deleted since`)
    }
  }

  #violate(rule: string, what: string): void {
    this.#world.violate(rule, what)
  }
}

/** Behind the head of the envelope, as it is stored without a compressor. */
function manifestIn(data: Uint8Array): { readonly chunks: number; readonly generation: string } {
  const text = Buffer.from(data).toString('latin1')
  return JSON.parse(text.slice(text.lastIndexOf('{')))
}
