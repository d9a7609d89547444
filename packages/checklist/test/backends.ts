import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll } from '@jest/globals'
import type { CacheStore, LeaseStore } from '@locks/core'
import { memoryStore } from '@locks/memory'
import { redisStore } from '@locks/redis'
import { type RedisServer, startRedis } from '@locks/test-servers'
import { createClient } from 'redis'

export type Store = LeaseStore & CacheStore

export interface Backend {
  readonly backend: string
  /** The same store in all tests of a file: each test uses names of its own. */
  readonly store: () => Store
}

/** Every backend on which a line of the checklist must hold. To be called at the top of a file. */
export function backends(): readonly Backend[] {
  const stores = new Map<string, Store>([['memory', memoryStore()]])
  const ends: (() => Promise<unknown>)[] = []
  let redis: RedisServer | undefined
  beforeAll(async () => {
    redis = await startRedis()
    const client = createClient({ url: redis.url })
    await client.connect()
    const store = redisStore(client)
    stores.set('Redis', store)
    ends.push(
      async () => store.close?.(),
      () => client.close(),
    )
  })
  afterAll(async () => {
    for (const end of ends) await end()
    await redis?.stop()
  })
  return ['memory', 'Redis'].map((backend) => ({
    backend,
    store() {
      const store = stores.get(backend)
      if (!store) throw new Error(`${backend} has not been started`)
      return store
    },
  }))
}

let names = 0
/** A name that no other test of the file uses. */
export const freshName = (): string => `name-${++names}`

/** Looks until it is so; the test's own time limit ends it. */
export async function until(isSo: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await isSo())) await sleep(5)
}

/** The store's key of a lock under the default prefix. */
export const keyOf = (name: string): string => `locks:l1:{${name}}`

/** Who holds the lock called `name`, as the store sees it. */
export async function holdersOf(store: Store, name: string) {
  return (await store.inspect(keyOf(name))).holders
}

/** Somebody else's lease, got in the proper way. */
export async function occupy(store: Store, name: string, ttlMs = 60_000): Promise<void> {
  const { state } = await store.acquire({ key: keyOf(name), token: 'other', ttlMs })
  if (state !== 'granted') throw new Error(`${name} is ${state}`)
}

/** The store drops this lease, and another one's takes its place. */
export async function replace(store: Store, name: string, token: string, ttlMs = 60_000) {
  await store.release({ key: keyOf(name), token })
  await occupy(store, name, ttlMs)
}
