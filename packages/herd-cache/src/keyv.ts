import { InvalidArgumentError } from '@locks/core'
import { CacheBase } from './cache-base.ts'
import type { CacheMachine } from './cache-machine.ts'

/** What Keyv 5 takes for a store, as far as it is used. */
export interface KeyvStore {
  opts: Record<string, unknown>
  /** Set by Keyv. */
  namespace?: string | undefined
  get<Value>(key: string): Promise<Value | undefined>
  getMany<Value>(keys: string[]): Promise<(Value | undefined)[]>
  set(key: string, value: unknown, ttlMs?: number): Promise<boolean>
  delete(key: string): Promise<boolean>
  deleteMany(keys: string[]): Promise<boolean>
  has(key: string): Promise<boolean>
  /** What was set in this store's namespace, and nothing else of the cache. */
  clear(): Promise<void>
  /** Nothing is told: what fails rejects. */
  on(event: string, listener: (...args: unknown[]) => void): KeyvStore
}

/** Keyv's values without a ttl have no end; ours have one. */
const LONGEST = '365d'
/** The end of a value, as Keyv puts it last into what it stores. */
const EXPIRES = /"expires":(\d+)\}$/

/**
 * `cache` as a store of Keyv 5. When the ttl of a value is over, one caller is told that there is none,
 * across all processes, and should set another; until then the others get the old one, for as long as its
 * grace lasts. A key that is missing protects nobody: Keyv has no loaders. Values are read by Keyv only.
 * @throws InvalidArgumentError for what is no cache.
 */
export function asKeyvStore<Self extends CacheBase<Self>>(cache: CacheBase<Self>): KeyvStore {
  if (!(cache instanceof CacheBase)) throw new InvalidArgumentError('that is no cache')
  const machine = CacheBase.machineOf(cache)
  const tags = () => [`keyv:${store.namespace ?? ''}`]
  const store: KeyvStore = {
    opts: {},
    get: async <Value>(key: string) => (await find(machine, key)) as Value | undefined,
    getMany: async <Value>(keys: string[]) =>
      Promise.all(keys.map(async (key) => (await find(machine, key)) as Value | undefined)),
    async set(key, value, ttlMs) {
      const ttl = ttlMs === undefined || ttlMs === 0 ? LONGEST : ttlMs
      const { graceMs } = machine.entrance.settings({ ttl })
      await cache.set(key, endingLater(value, graceMs), { ttl, tags: tags() })
      return true
    },
    delete: (key) => cache.delete(key),
    deleteMany: async (keys) => (await cache.deleteMany(keys)) > 0,
    has: (key) => cache.exists(key),
    clear: () => cache.invalidateTags(tags()),
    on: () => store,
  }
  return store
}

/** A stale value is kept from one caller for as long as a load may take to be noticed as dead. */
async function find({ entrance, parts, reader }: CacheMachine, name: string): Promise<unknown> {
  const key = entrance.key(name)
  const found = await reader.read(key)
  if (!found) return undefined
  const isElected = found.state === 'stale' && (await elect(parts, key, found.version))
  if (isElected) return undefined
  parts.emit({ type: 'hit', key, state: found.state })
  return found.value
}

async function elect(
  { client, emit, leaseMs, random }: CacheMachine['parts'],
  key: string,
  seen: string,
): Promise<boolean> {
  try {
    const { state } = await client.lease({ key, token: random.token(), leaseMs, seen })
    return state === 'won'
  } catch (error) {
    emit({ type: 'store-error', key, error: error as Error })
    return false
  }
}

/** Keyv looks at the end that it has stored with a value, and would take a stale one for none. */
function endingLater(value: unknown, graceMs: number): unknown {
  if (typeof value === 'string')
    return value.replace(EXPIRES, (_, endMs) => `"expires":${Number(endMs) + graceMs}}`)
  const { expires } = (value ?? {}) as { readonly expires?: unknown }
  return typeof expires === 'number' ? { ...(value as object), expires: expires + graceMs } : value
}
