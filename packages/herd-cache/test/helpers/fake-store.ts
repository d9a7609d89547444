import type { Clock, ListReply, ListRequest, StoredEntry } from '@locks/core'
import { type CacheState, cacheStep } from '@locks/core/spec'
import { StoreLink } from './store-link.ts'

/** A store that executes the specification, with a time of its own. */
export class FakeStore {
  readonly clock: Clock
  #originMs: number
  readonly #states = new Map<string, CacheState>()

  constructor(clock: Clock, originMs = clock.wall()) {
    this.clock = clock
    this.#originMs = originMs - clock.now()
  }

  nowMs(): number {
    return Math.floor(this.#originMs + this.clock.now())
  }

  /** Its clock is set. */
  jump(ms: number): void {
    this.#originMs += ms
  }

  /** The wire of one process. */
  connect(): StoreLink {
    return new StoreLink(this)
  }

  state(key: string): CacheState {
    const state = this.#states.get(key) ?? {}
    this.#states.set(key, state)
    return state
  }

  entry(key: string): StoredEntry | undefined {
    return cacheStep.read(this.state(key), this.nowMs())
  }

  /** Pages of two. */
  list({ prefix, cursor = '' }: ListRequest): ListReply {
    const isThere = (key: string) => (this.entry(key) ?? this.holder(key)) !== undefined
    const keys = [...this.#states.keys()]
      .filter((key) => key.startsWith(prefix) && key > cursor && isThere(key))
      .sort()
    const [, last] = keys
    return {
      keys: keys.slice(0, 2),
      ...(keys.length > 2 && last !== undefined && { cursor: last }),
    }
  }

  /** Who loads `key` now. */
  holder(key: string): string | undefined {
    const state = this.state(key)
    cacheStep.read(state, this.nowMs())
    return state.lease?.holder
  }

  /** Puts bytes under a key, as another program would. */
  plant(key: string, data: Uint8Array, ttlMs = 600_000): void {
    cacheStep.write(this.state(key), { token: `planted-${data.length}`, data, ttlMs }, this.nowMs())
  }
}
