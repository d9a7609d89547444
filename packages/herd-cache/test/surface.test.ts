import { describe, expect, test } from '@jest/globals'
import { Cache } from '../src/index.ts'
import { callers, failureOf, heldLoader, slowLoader, stored, World } from './helpers/world.ts'

const TIMES = { ttl: 1000, grace: 500 } as const

describe('an entry', () => {
  test('tells state, age and remaining time', async () => {
    const world = new World()
    const { cache } = world.start(TIMES)
    const load = slowLoader(world.clock, 100, 'v')
    const loaded = await world.clock.until(cache.getOrSetEntry('k', load))
    expect(loaded).toEqual({ value: 'v', state: 'loaded', ageMs: 100, remainingMs: 1000 })
    await world.clock.advance(300)
    const fresh = { value: 'v', state: 'fresh', ageMs: 400, remainingMs: 700 }
    expect(await cache.getEntry('k')).toEqual(fresh)
    expect(await cache.getOrSetEntry('k', load)).toEqual(fresh)
    await world.clock.advance(700)
    const stale = { value: 'v', state: 'stale', ageMs: 1100, remainingMs: 0 }
    expect(await cache.getEntry('k')).toEqual(stale)
    expect(load.calls).toBe(1)
    expect(await cache.getOrSetEntry('k', load)).toEqual(stale)
    await world.clock.advance(600)
    expect(await cache.getEntry('other')).toBeUndefined()
  })

  test('that another process has loaded is fresh; one that was not stored has no time left', async () => {
    const world = new World()
    const [one, two] = [world.start(TIMES), world.start(TIMES)]
    const load = slowLoader(world.clock, 100, 'v')
    const both = [one, two].map(({ cache }) => cache.getOrSetEntry('k', load))
    const states = (await world.clock.until(Promise.all(both))).map(({ state }) => state)
    expect(states).toEqual(['loaded', 'fresh'])
    const unstored = await one.cache.getOrSetEntry('u', () => undefined)
    expect(unstored).toMatchObject({ value: undefined, state: 'loaded', remainingMs: 0 })
  })

  test('exists, and has a ttl, until its ttl has passed [C101]', async () => {
    const world = new World()
    const { cache } = world.start(TIMES)
    await cache.set('k', null)
    expect(await cache.exists('k')).toBe(true)
    await world.clock.advance(400)
    expect(await cache.ttl('k')).toBe(600)
    await world.clock.advance(600)
    expect(await cache.exists('k')).toBe(false)
    expect(await cache.ttl('k')).toBeUndefined()
    expect(await cache.ttl('nothing')).toBeUndefined()
  })

  test('has its soft expiry beside the value, before its hard one [C105]', async () => {
    const world = new World()
    const { cache } = world.start(TIMES)
    await cache.set('k', 'v')
    const data = Buffer.from(world.store.entry(stored('k'))?.data ?? [])
    expect(data.readUIntBE(4, 6)).toBe(world.store.nowMs() + 1000)
    expect(world.store.state(stored('k')).entry?.untilMs).toBe(world.store.nowMs() + 1500)
    expect(data.subarray(28 + data.readUInt16BE(22)).toString()).toBe('"v"')
  })
})

test('a miss takes one lease for one load, and leaves none behind [C90]', async () => {
  const world = new World()
  const { cache, link } = world.start()
  const values = callers(4, () => cache.getOrSet('k', slowLoader(world.clock, 100, 'v')))
  await world.clock.until(Promise.all(values))
  expect(link.commands()).toEqual(['read', 'lease', 'commit'])
  expect(world.store.holder(stored('k'))).toBeUndefined()
})

describe('a loader that skips [C88]', () => {
  test('gives its value to its callers, and nothing is stored', async () => {
    const world = new World()
    const { cache, link } = world.start()
    let loads = 0
    const load = () => cache.getOrSet('k', ({ skip }) => skip(++loads))
    expect(await Promise.all([load(), load()])).toEqual([1, 1])
    expect(link.count('commit')).toBe(0)
    expect(world.store.state(stored('k'))).toEqual({})
    expect(await load()).toBe(2)
  })

  test('leaves those who waited elsewhere to load for themselves', async () => {
    const world = new World()
    const [one, two] = [world.start(), world.start()]
    const held = heldLoader<string>()
    const first = one.cache.getOrSet('k', async ({ skip }) => skip(await held.load()))
    await world.clock.settle()
    const second = two.cache.getOrSet('k', () => 'theirs')
    await world.clock.settle()
    held.resolve('mine')
    expect(await first).toBe('mine')
    expect(await world.clock.until(second)).toBe('theirs')
  })
})

describe('Cache', () => {
  const startCache = (world: World) =>
    new Cache({ store: world.store.connect(), namespace: 'test', clock: world.clock, ...TIMES })

  test('of each process loads for itself, without a wait; one load is stored', async () => {
    const world = new World()
    const caches = [startCache(world), startCache(world)]
    const load = slowLoader(world.clock, 100, 'v')
    const values = caches.flatMap((cache) => callers(5, () => cache.getOrSet('k', load)))
    await world.clock.until(Promise.all(values))
    expect(load.startedAtMs).toEqual([0, 0])
    for (const cache of caches) expect(await cache.get('k')).toBe('v')
  })

  test('never stores what was loaded before a delete', async () => {
    const world = new World()
    const [one, two] = [startCache(world), startCache(world)]
    const held = heldLoader<string>()
    const value = one?.getOrSet('k', held.load)
    await world.clock.settle()
    await two?.delete('k')
    held.resolve('old')
    expect(await value).toBe('old')
    expect(await two?.get('k')).toBeUndefined()
  })
})

describe('a namespace', () => {
  test('is a cache of its own, by that name, and always the same one', async () => {
    const world = new World()
    const { cache } = world.start()
    const eu = cache.namespace('eu')
    await cache.set('k', 'all')
    await eu.set('k', 'eu')
    expect(await cache.get('k')).toBe('all')
    expect(world.store.entry('test.eu:c1:{k}')).toBeDefined()
    expect(cache.namespace('eu')).toBe(eu)
    const elsewhere = world.start({ namespace: 'test.eu' })
    expect(await elsewhere.cache.get('k')).toBe('eu')
  })

  test('has the options and the events of its parent, and is closed with it', async () => {
    const world = new World()
    const { cache, told } = world.start(TIMES)
    const eu = cache.namespace('eu')
    await eu.set('k', 'v')
    await world.clock.advance(1000)
    expect(await eu.get('k')).toBeUndefined()
    expect(told()).toEqual(['miss'])
    await cache.close()
    expect(await failureOf(eu.get('k'))).toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })

  test.each(['', 'a b', 'x'.repeat(36)])('cannot be called %j', (name) => {
    const { cache } = new World().start()
    expect(() => cache.namespace(name)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    )
  })
})

test('stats count what has happened', async () => {
  const world = new World()
  const { cache, link } = world.start(TIMES)
  await cache.get('k')
  await cache.getOrSet('k', () => 'v')
  await cache.get('k')
  await world.clock.advance(1200)
  await cache.getOrSet('k', () => 'v')
  await failureOf(cache.getOrSet('other', () => Promise.reject(new Error('no'))))
  world.store.plant(stored('k'), new Uint8Array([1]))
  await cache.get('k')
  link.once('read', { reject: new Error('away') })
  await cache.get('k')
  const before = cache.stats()
  expect(before).toEqual({
    hits: 1,
    l1Hits: 0,
    staleHits: 1,
    misses: 3,
    loads: 2,
    failedLoads: 1,
    fenced: 0,
    corrupt: 1,
    storeErrors: 1,
  })
  await cache.get('nothing')
  expect(before.misses).toBe(3)
})
