import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { seededRandom } from '@locks/core/testing'
import { memcachedStore, metaTransport } from '@locks/memcached'
import { memoryStore } from '@locks/memory'
import {
  type MemcachedServer,
  type RedisServer,
  startMemcached,
  startRedis,
} from '@locks/test-servers'
import type { CacheEvent, CacheStore, HerdCache, HerdCacheOptions } from '../src/index.ts'
import { newNamespace, RealCaches } from './helpers/real-caches.ts'
import { callers, failureOf, heldLoader } from './helpers/world.ts'

let redis: RedisServer
let memcached: MemcachedServer
const opened = new RealCaches()

beforeAll(async () => {
  redis = await startRedis()
  memcached = await startMemcached()
})

afterEach(() => opened.close())

afterAll(async () => {
  await redis?.stop()
  await memcached?.stop()
})

function connectMemcached(): CacheStore {
  // A machine that stands still for a while must not look like a server that does.
  const transport = metaTransport({ port: memcached.port, timeout: 240_000 })
  opened.closeLater(() => transport.close())
  return memcachedStore(transport)
}

/** So many caches as in as many processes: each with a client of its own, where there is one. */
const stores: readonly [string, (count: number) => Promise<CacheStore[]>][] = [
  [
    'memory',
    async (count) => {
      const store = memoryStore()
      return Array<CacheStore>(count).fill(store)
    },
  ],
  ['Redis', (count) => Promise.all(Array.from({ length: count }, () => opened.connect(redis.url)))],
  ['memcached', async (count) => Array.from({ length: count }, connectMemcached)],
]

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

describe.each(stores)('on %s', (_, connectMany) => {
  const start = async (count: number, options: Partial<HerdCacheOptions> = {}) => {
    const namespace = newNamespace()
    return (await connectMany(count)).map((store) => opened.cacheOn(store, namespace, options))
  }

  test('3 caches with 50 callers each load once', async () => {
    const caches = await start(3)
    const loader = heldLoader<{ id: number }>()
    const calls = caches.flatMap((cache) => callers(50, () => cache.getOrSet('k', loader.load)))
    while (loader.calls === 0) await pause(1)
    loader.resolve({ id: 7 })
    expect(await Promise.all(calls)).toEqual(Array(150).fill({ id: 7 }))
    expect(loader.calls).toBe(1)
    for (const cache of caches) expect(await cache.get('k')).toEqual({ id: 7 })
  })

  test('a value of 1 MB with all of Unicode comes back', async () => {
    const [one, two] = (await start(2)) as [HerdCache, HerdCache]
    const value = { text: 'aä€😀\u0000\ufffd'.repeat(100_000) }
    await one.getOrSet(['big', 1], () => value)
    expect(await two.get(['big', 1])).toEqual(value)
  })

  test('an error is shared with those who wait elsewhere', async () => {
    const [mine, theirs] = (await connectMany(2)) as [CacheStore, CacheStore]
    const namespace = newNamespace()
    const loader = heldLoader<string>()
    const first = failureOf(opened.cacheOn(mine, namespace).getOrSet('k', loader.load))
    while (loader.calls === 0) await pause(1)
    const watched = watchElections(theirs)
    const second = failureOf(
      opened.cacheOn(watched.store, namespace).getOrSet('k', () => 'not asked'),
    )
    await watched.lost
    loader.reject(new RangeError('grüße'))
    expect((await first).message).toBe('grüße')
    expect(await second).toMatchObject({ code: 'LOAD_FAILED' })
    expect((await second).message).toContain('RangeError: grüße')
  })

  test('hits, expiry with grace, refresh and hard expiry', async () => {
    const [one, two] = (await start(2, { ttl: '3s', grace: '1h' })) as [HerdCache, HerdCache]
    await one.getOrSet('k', () => 'v1')
    expect(await two.get('k')).toBe('v1')
    while ((await two.get('k')) !== undefined) await pause(20)
    expect(await two.getOrSet('k', () => 'v2')).toBe('v1')
    while ((await one.get('k')) !== 'v2') await pause(1)
    await one.set('short', 'v', { ttl: 50, grace: 50 })
    while ((await one.getOrSet('short', () => 'new')) !== 'new') await pause(20)
  })

  test('delete and set during a load win', async () => {
    const [one, two] = (await start(2)) as [HerdCache, HerdCache]
    const loader = heldLoader<string>()
    for (const change of [(key: string) => two.delete(key), (key: string) => two.set(key, 'set')]) {
      const key = `k${loader.calls}`
      const calls = loader.calls
      const value = one.getOrSet(key, loader.load)
      while (loader.calls === calls) await pause(1)
      await change(key)
      loader.resolve('old')
      expect(await value).toBe('old')
      expect(await one.get(key)).toBe(await two.get(key))
      expect(await one.get(key)).not.toBe('old')
    }
  })

  test('[C112] a tag is invalidated and a namespace cleared for all caches, and for no other namespace', async () => {
    const [one, two] = (await start(2)) as [HerdCache, HerdCache]
    const [other] = (await start(1)) as [HerdCache]
    await other.set('k', 'kept', { tags: ['t'] })
    await one.set('k', 1, { tags: ['t'] })
    await one.set('l', 2)
    await two.invalidateTags(['t'])
    expect([await one.get('k'), await one.get('l')]).toEqual([undefined, 2])
    await two.clear()
    expect([await one.get('k'), await one.get('l')]).toEqual([undefined, undefined])
    await one.set('l', 3)
    expect([await two.get('l'), await other.get('k')]).toEqual([3, 'kept'])
  })

  test('1,000 random interleavings of set, delete and load bring nothing old back', async () => {
    let fenced = 0
    const onEvent = ({ type }: CacheEvent) => {
      if (type === 'fenced') fenced++
    }
    const caches = await start(3, { onEvent })
    // However slow the machine: 1,000 at least, and until the races have really taken place.
    for (let seed = 0; seed < 1000 || fenced <= 500; seed += 50) {
      const batch = Array.from({ length: 50 }, (_, index) => interleave(caches, seed + index))
      const violations = await Promise.all(batch)
      expect(violations.filter((violation) => violation !== undefined)).toEqual([])
    }
  })
})

/** Tells when an election has been lost. */
function watchElections(store: CacheStore) {
  let tell = () => {}
  const lost = new Promise<void>((resolve) => {
    tell = resolve
  })
  const watched: CacheStore = {
    ...store,
    async lease(request) {
      const reply = await store.lease(request)
      if (reply.state === 'lost') tell()
      return reply
    },
  }
  return { store: watched, lost }
}

/** One row, one writer, and loads and reads in all caches around its changes; what went wrong. */
async function interleave(caches: readonly HerdCache[], seed: number): Promise<string | undefined> {
  const fraction = seededRandom(seed).fraction
  const key = ['row', seed]
  let [version, oldest] = [1, 0]
  let violation: string | undefined
  let loadStarts = () => {}
  const any = () => caches[Math.floor(fraction() * caches.length)] as HerdCache
  const load = async () => {
    const read = version
    loadStarts()
    await pause(fraction() * 20)
    return read
  }
  const check = (seen: number | undefined, atLeast: number, where: string) => {
    if (seen !== undefined && seen < atLeast)
      violation ??= `seed ${seed}: ${seen} ${where} after ${atLeast}`
  }
  const reader = async () => {
    for (let step = 0; step < 6; step++) {
      await any().getOrSet(key, load)
      const atLeast = oldest
      check(await any().get(key), atLeast, 'from the store')
      await pause(fraction() * 2)
    }
  }
  const writer = async () => {
    for (let step = 0; step < 4; step++) {
      // In the middle of a load, if one starts.
      await Promise.race([new Promise<void>((resolve) => (loadStarts = resolve)), pause(10)])
      const changed = ++version
      const cache = any()
      if (fraction() < 0.6) await cache.delete(key)
      else await cache.set(key, changed)
      oldest = changed
      // In the process that changed it, not even a load that others wait for is older.
      check(await cache.getOrSet(key, load), changed, "from the writer's own cache")
    }
  }
  await Promise.all([reader(), reader(), reader(), writer()])
  for (const cache of caches) check(await cache.get(key), oldest, 'in the end')
  return violation
}
