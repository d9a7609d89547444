import type { CasStore } from '../../src/index.ts'
import { nowMs } from '../conformance/step-store.ts'

export interface MapCasOptions {
  /** The TTL counts in such steps, as memcached's does in seconds. */
  readonly resolutionMs?: number
  /** Whether a write tells its version at once. */
  readonly tells?: boolean
}

interface Item {
  readonly value: Uint8Array
  readonly version: number
  readonly untilMs: number
}

/** The smallest store that keeps the contract, its items open so that a test can interfere. */
export function mapCasStore({ resolutionMs = 1, tells = false }: MapCasOptions = {}) {
  const items = new Map<string, Item>()
  const calls: string[] = []
  let writes = 0
  const now = () => Math.floor(nowMs() / resolutionMs) * resolutionMs
  const alive = (key: string) => {
    const item = items.get(key)
    return item && item.untilMs > now() ? item : undefined
  }
  const put = (key: string, value: Uint8Array, ttlMs: number) => {
    const steps = Math.ceil(ttlMs / resolutionMs) + (resolutionMs === 1 ? 0 : 1)
    items.set(key, { value, version: ++writes, untilMs: now() + steps * resolutionMs })
    return tells ? { version: writes } : {}
  }
  const store: CasStore<number> = {
    facts: { ttlResolutionMs: resolutionMs, valueBytesMax: 100_000, durability: 'process' },
    async get(key) {
      calls.push('get')
      const item = alive(key)
      return item && { value: item.value, version: item.version }
    },
    async add({ key, value, ttlMs }) {
      calls.push('add')
      return alive(key) ? undefined : put(key, value, ttlMs)
    },
    async compareAndSet({ key, value, ttlMs, version }) {
      calls.push('compareAndSet')
      return alive(key)?.version === version ? put(key, value, ttlMs) : undefined
    },
    async compareAndDelete(key, version) {
      calls.push('compareAndDelete')
      return alive(key)?.version === version && items.delete(key)
    },
    async set({ key, value, ttlMs }) {
      calls.push('set')
      put(key, value, ttlMs)
    },
    async delete(key) {
      calls.push('delete')
      return alive(key) !== undefined && items.delete(key)
    },
  }
  return { store, items, calls }
}
