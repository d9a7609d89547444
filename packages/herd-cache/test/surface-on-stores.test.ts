import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { Cache, type CacheStore, HerdCache } from '../src/index.ts'
import { Backends } from './helpers/backends.ts'
import { heldLoader } from './helpers/world.ts'

let backends: Backends

beforeAll(async () => {
  backends = await Backends.start()
})

afterAll(async () => {
  await backends[Symbol.asyncDispose]()
})

/** No deadline that a busy machine could miss. */
const patient = (store: CacheStore, namespace: string) => ({
  store,
  namespace,
  storeTimeout: '30s' as const,
})

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

describe.each(['memory', 'Redis'] as const)('on %s', (kind) => {
  const start = async () => {
    const namespace = backends.newNamespace()
    const [a, b] = (await backends.open(kind, 2)) as [CacheStore, CacheStore]
    return [new HerdCache(patient(a, namespace)), new HerdCache(patient(b, namespace))] as const
  }

  test('seed: aredis cache: set, set_many, exists, ttl, get, delete, delete_many [C101] [C103] [C104]', async () => {
    const namespace = backends.newNamespace()
    const [store] = (await backends.open(kind, 1)) as [CacheStore]
    await using cache = new Cache(patient(store, namespace))
    await cache.set('one', { n: 1 })
    await cache.setMany(
      [
        ['two', 2],
        [['three', 3], [3]],
      ],
      { ttl: '1h' },
    )
    expect(await cache.getMany(['two', 'none', ['three', 3]])).toEqual([2, undefined, [3]])
    expect(await cache.get('one')).toEqual({ n: 1 })
    expect(await cache.exists('two')).toBe(true)
    expect(await cache.exists('none')).toBe(false)
    const ttlMs = (await cache.ttl('two')) ?? 0
    expect(ttlMs).toBeGreaterThan(3_000_000)
    // A reply that was slow puts the store's clock ahead, by its store timeout at most.
    expect(ttlMs).toBeLessThanOrEqual(3_600_000 + 30_000)
    expect(await cache.delete('one')).toBe(true)
    expect(await cache.get('one')).toBeUndefined()
    expect(await cache.deleteMany(['one', 'two', ['three', 3]])).toBe(2)
    await cache.set('short', 'v', { ttl: 100, grace: 0 })
    while (await cache.exists('short')) await pause(20)
    expect(await cache.ttl('short')).toBeUndefined()
  })

  test('seed: aredis cache: delete_pattern counts what was there, also nothing [C104]', async () => {
    const caches = await start()
    const names = Array.from({ length: 30 }, (_, i) => ['user', i])
    await caches[0].setMany([...names, 'other'].map((name) => [name, 1]))
    expect(await caches[1].deletePattern(['user', '*'])).toBe(30)
    expect(await caches[1].deletePattern(['user', '*'])).toBe(0)
    expect(await caches[0].exists(['user', 7])).toBe(false)
    expect(await caches[0].exists('other')).toBe(true)
    for (const cache of caches) await cache.close()
  })

  test('expire makes a value stale in every process, and voids the load behind it', async () => {
    const caches = await start()
    await caches[0].set('k', 'old', { ttl: '1h' })
    expect(await caches[1].expire('k', { grace: '1h' })).toBe(true)
    expect(await caches[0].get('k')).toBeUndefined()
    const held = heldLoader<string>()
    expect(await caches[0].getOrSet('k', held.load)).toBe('old')
    while (held.calls === 0) await pause(1)
    await caches[1].expire('k', { grace: '1h' })
    held.resolve('read before')
    while (caches[0].stats().fenced === 0) await pause(1)
    expect(await caches[1].getEntry('k')).toMatchObject({ value: 'old', state: 'stale' })
    for (const cache of caches) await cache.close()
  })

  test('one of two is elected by lease(), and cas conflicts with what it commits', async () => {
    const [one, two] = await start()
    const held = await two.optimistic('k')
    const leases = [await one.lease<string>('k'), await two.lease<string>('k')]
    expect(leases.map(({ owner }) => owner)).toEqual([true, false])
    expect(await leases[0]?.commit('v')).toBe(true)
    await expect(held.cas('late')).rejects.toMatchObject({ code: 'CONFLICT' })
    const next = await two.optimistic('k')
    expect(next.value).toBe('v')
    await next.cas('w')
    expect(await one.getOrSetMany(['k', 'l'], (keys) => keys.map(String))).toEqual([
      { status: 'fulfilled', value: 'w' },
      { status: 'fulfilled', value: 'l' },
    ])
    for (const cache of [one, two]) await cache.close()
  })

  test('seed: aredis HerdCache: one caller is elected after the soft expiry, the others get the old value [C106] [C107]', async () => {
    const caches = await start()
    await caches[0].set('k', 'old', { ttl: 50, grace: '1h' })
    // Each has an idea of the store's time of its own.
    for (const cache of caches) while (await cache.exists('k')) await pause(10)
    const held = heldLoader<string>()
    const options = { ttl: '1h', grace: '1h' } as const
    const ask = (cache: HerdCache) => cache.getOrSetEntry('k', held.load, options)
    const found = await Promise.all([...caches, ...caches].map(ask))
    expect(found.map(({ value, state }) => [value, state])).toEqual(Array(4).fill(['old', 'stale']))
    while (held.calls === 0) await pause(1)
    held.resolve('new')
    while ((await caches[1].get('k')) !== 'new') await pause(1)
    expect(held.calls).toBe(1)
    for (const cache of caches) await cache.close()
  })
})

test('getMany is one MGET and deleteMany of a missing key leaves the others', async () => {
  const client = await backends.connect()
  const [store] = (await backends.open('Redis', 1)) as [CacheStore]
  await using cache = new HerdCache(patient(store, backends.newNamespace()))
  await cache.setMany([
    ['a', 1],
    ['b', 2],
  ])
  await client.sendCommand(['CONFIG', 'RESETSTAT'])
  expect(await cache.getMany(['a', 'b', 'c'])).toEqual([1, 2, undefined])
  const stats = String(await client.sendCommand(['INFO', 'commandstats']))
  expect(stats).toMatch(/cmdstat_mget:calls=1,/)
  expect(stats).not.toMatch(/cmdstat_(get|evalsha|eval):/)
  expect(await cache.deleteMany(['c', 'a'])).toBe(1)
  expect(await cache.get('b')).toBe(2)
})
