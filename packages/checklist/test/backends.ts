import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll } from '@jest/globals'
import type { CacheStore, LeaseStore } from '@locks/core'
import { memcachedStore, metaTransport } from '@locks/memcached'
import { memoryStore } from '@locks/memory'
import { redisStore } from '@locks/redis'
import { redisClusterStore } from '@locks/redis-cluster'
import { startMemcached, startRedis, startRedisCluster } from '@locks/test-servers'
import { createClient, createCluster } from 'redis'

export type Store = LeaseStore & CacheStore

export interface Backend {
  readonly backend: string
  /** The same store in all tests of a file: each test uses names of its own. */
  readonly store: () => Store
}

/** A machine that stands still for a while must not look like a server that does. */
const PATIENT_MS = 240_000

/** That all of it passes there is a line of its own. */
const CLUSTER = 'Redis Cluster [C71]'

/** Every backend on which a line of the checklist must hold. To be called at the top of a file. */
export function backends(): readonly Backend[] {
  const stores = new Map<string, Store>([['memory', memoryStore()]])
  const ends: (() => Promise<unknown>)[] = []
  beforeAll(async () => {
    const redis = await startRedis()
    ends.push(() => redis.stop())
    const client = createClient({ url: redis.url })
    await client.connect()
    ends.push(() => client.close())
    open('Redis', redisStore(client))
  })
  beforeAll(async () => {
    const servers = await startRedisCluster({ replicasPerMaster: 0 })
    ends.push(() => servers.stop())
    const cluster = createCluster({ rootNodes: servers.urls.map((url) => ({ url })) })
    await cluster.connect()
    ends.push(() => cluster.close())
    open(CLUSTER, redisClusterStore(cluster))
  })
  beforeAll(async () => {
    const server = await startMemcached()
    ends.push(() => server.stop())
    const { port } = server
    open('memcached', memcachedStore(metaTransport({ port, timeout: PATIENT_MS })))
  })
  afterAll(async () => {
    for (const end of ends.toReversed()) await end()
  })
  const open = (backend: string, store: Store) => {
    stores.set(backend, store)
    ends.push(async () => store.close?.())
  }
  return ['memory', 'Redis', CLUSTER, 'memcached'].map((backend) => ({
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
