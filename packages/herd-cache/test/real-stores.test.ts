import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { seededRandom } from '@locks/core/testing'
import { memcachedStore, metaTransport } from '@locks/memcached'
import { memoryStore } from '@locks/memory'
import { redisStore } from '@locks/redis'
import {
  type MemcachedServer,
  type RedisServer,
  startMemcached,
  startProxy,
  startRedis,
} from '@locks/test-servers'
import { createClient } from 'redis'
import { type CacheEvent, type CacheStore, HerdCache, type HerdCacheOptions } from '../src/index.ts'
import { callers, failureOf, heldLoader } from './helpers/world.ts'

let redis: RedisServer
let memcached: MemcachedServer
let closers: (() => unknown)[] = []

beforeAll(async () => {
  redis = await startRedis()
  memcached = await startMemcached()
})

afterEach(async () => {
  for (const close of closers.toReversed()) await close()
  closers = []
})

afterAll(async () => {
  await redis?.stop()
  await memcached?.stop()
})

async function connect(url: string): Promise<CacheStore> {
  const client = createClient({ url })
  client.on('error', () => {})
  await client.connect()
  closers.push(() => client.destroy())
  return redisStore(client)
}

function connectMemcached(): CacheStore {
  // A machine that stands still for a while must not look like a server that does.
  const transport = metaTransport({ port: memcached.port, timeout: 240_000 })
  closers.push(() => transport.close())
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
  ['Redis', (count) => Promise.all(Array.from({ length: count }, () => connect(redis.url)))],
  ['memcached', async (count) => Array.from({ length: count }, connectMemcached)],
]

let namespaces = 0
/** Of its own for each test: all share one server. */
const newNamespace = () => `test-${++namespaces}`

/** No deadline that a busy machine could miss; the tests of deadlines have their own. */
function cacheOn(store: CacheStore, namespace: string, options: Partial<HerdCacheOptions> = {}) {
  const cache = new HerdCache({ store, namespace, storeTimeout: '30s', ...options })
  closers.push(() => cache.close())
  return cache
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

describe.each(stores)('on %s', (_, connectMany) => {
  const start = async (count: number, options: Partial<HerdCacheOptions> = {}) => {
    const namespace = newNamespace()
    return (await connectMany(count)).map((store) => cacheOn(store, namespace, options))
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
    const first = failureOf(cacheOn(mine, namespace).getOrSet('k', loader.load))
    while (loader.calls === 0) await pause(1)
    const watched = watchElections(theirs)
    const second = failureOf(cacheOn(watched.store, namespace).getOrSet('k', () => 'not asked'))
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

describe('a Redis in trouble', () => {
  test('frozen: the loader’s value still comes, set and delete reject', async () => {
    await using server = await startRedis()
    const [store, namespace] = [await connect(server.url), newNamespace()]
    await cacheOn(store, namespace).set('k', 'cached')
    const cache = cacheOn(store, namespace, { storeTimeout: 100 })
    await server.pause()
    expect(await cache.getOrSet('k', () => 'loaded')).toBe('loaded')
    expect(await cache.get('k')).toBeUndefined()
    expect(await failureOf(cache.set('another', 'x'))).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(await failureOf(cache.delete('other'))).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    server.resume()
    expect(await cacheOn(store, namespace).get('k')).toBe('cached')
    while ((await cache.get('k')) !== 'cached') await pause(10)
  })

  test('killed and restarted: values keep coming, and are cached again afterwards', async () => {
    await using server = await startRedis()
    const cache = cacheOn(await connect(server.url), newNamespace(), { storeTimeout: 100 })
    await server.kill()
    for (const value of ['a', 'b'])
      expect(await cache.getOrSet(`key of ${value}`, () => value)).toBe(value)
    await server.restart()
    let found = await cache.get('k')
    while (found === undefined) {
      await cache.getOrSet('k', () => 'back')
      await pause(10)
      found = await cache.get('k')
    }
    expect(found).toBe('back')
  })

  test('cut off during a load: the value still comes, nothing old is stored', async () => {
    await using proxy = await startProxy({ port: redis.port })
    const namespace = newNamespace()
    const direct = cacheOn(await connect(redis.url), namespace)
    const cut = cacheOn(await connect(proxy.url('redis')), namespace, { storeTimeout: 100 })
    const loader = heldLoader<string>()
    const value = cut.getOrSet('k', loader.load)
    while (loader.calls === 0) await pause(1)
    proxy.blackHole()
    loader.resolve('old')
    expect(await value).toBe('old')
    await direct.delete('k')
    await proxy.restore()
    // What was held back has arrived when a later command of the same connection is answered.
    while (
      await cut.delete('later').then(
        () => false,
        () => true,
      )
    )
      await pause(10)
    expect(await direct.get('k')).toBeUndefined()
  })

  test('cut off, and a set failed: neither the old value nor the new one comes back', async () => {
    await using proxy = await startProxy({ port: redis.port })
    const namespace = newNamespace()
    const direct = cacheOn(await connect(redis.url), namespace)
    await direct.set('k', 'old', { ttl: '1h' })
    let tell = () => {}
    const replayed = new Promise<void>((resolve) => {
      tell = resolve
    })
    const cut = cacheOn(await connect(proxy.url('redis')), namespace, {
      storeTimeout: 100,
      onEvent: ({ type }) => type === 'replayed' && tell(),
    })
    proxy.blackHole()
    expect(await failureOf(cut.set('k', 'new'))).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(await direct.get('k')).toBe('old')
    await proxy.restore()
    await replayed
    expect(await direct.get('k')).toBeUndefined()
  })

  test('that swallows replies: the values still come', async () => {
    await using proxy = await startProxy({ port: redis.port })
    const namespace = newNamespace()
    const direct = cacheOn(await connect(redis.url), namespace)
    const cut = cacheOn(await connect(proxy.url('redis')), namespace, { storeTimeout: 100 })
    proxy.dropReplies()
    expect(await cut.getOrSet('k', () => 'v')).toBe('v')
    expect(await direct.getOrSet('other', () => 'v')).toBe('v')
  })

  test('foreign data under the key costs nobody a value', async () => {
    const namespace = newNamespace()
    const cache = cacheOn(await connect(redis.url), namespace)
    const client = createClient({ url: redis.url })
    await client.connect()
    closers.push(() => client.destroy())
    await client.set(`${namespace}:c1:{text}`, 'from another program')
    await client.lPush(`${namespace}:c1:{list}`, 'from another program')
    for (const key of ['text', 'list']) {
      expect(await cache.get(key)).toBeUndefined()
      expect(await cache.getOrSet(key, () => 'v')).toBe('v')
    }
  })
})
