import type { CacheState } from '@locks/core/spec'
import type { CacheServer } from '../cache/cache-server.ts'
import { EPOCH_MS, type World } from '../time/world.ts'
import type { MemItem } from './mem-item.ts'
import type { MemServer } from './mem-server.ts'

/** What memcached keeps, as a cache store's state of a key. */
export class MemCacheView implements CacheServer {
  readonly hasSignals = false
  readonly refusesLate = false
  /** A look at two keys, then a write; and all of it again when somebody else has changed one meanwhile. */
  readonly roundTrips = 4
  readonly #world: World
  readonly #server: MemServer

  constructor(world: World, server: MemServer) {
    this.#world = world
    this.#server = server
  }

  get nowMs(): number {
    return EPOCH_MS + this.#world.nowMs
  }

  hears(): boolean {
    return false
  }

  cache(key: string): CacheState {
    const main = this.#server.find(key)
    const entry = main && this.entryIn(main)
    if (!entry) return main ? { lease: this.#leaseIn(main) } : {}
    const beside = this.#server.find(`${key}:l`)
    const mark = beside && markIn(beside)
    if (!beside || mark?.seen !== entry.version) return { entry }
    return { entry, lease: this.#leaseIn(beside) }
  }

  entryIn(item: MemItem): NonNullable<CacheState['entry']> | undefined {
    const bytes = Buffer.from(item.value, 'base64')
    if (bytes[0] !== 'e'.charCodeAt(0)) return undefined
    const dataStart = 2 + (bytes[1] ?? 0)
    const version = bytes.toString('latin1', 2, dataStart)
    return { version, data: bytes.subarray(dataStart), untilMs: this.#untilMs(item) }
  }

  #leaseIn(item: MemItem): NonNullable<CacheState['lease']> {
    const { holder, failed } = markIn(item)
    const untilMs = this.#untilMs(item)
    return { awaited: false, untilMs, ...(holder && { holder }), ...(failed && { failed }) }
  }

  #untilMs(item: MemItem): number {
    return EPOCH_MS + this.#server.endMs(item)
  }
}

interface Mark {
  readonly holder?: string
  readonly seen?: string
  readonly failed?: { readonly token: string; readonly reason: string }
}

function markIn({ value }: MemItem): Mark {
  const text = Buffer.from(value, 'base64').toString()
  return text.startsWith('l') ? JSON.parse(text.slice(1)) : {}
}
