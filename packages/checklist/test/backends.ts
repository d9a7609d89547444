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
