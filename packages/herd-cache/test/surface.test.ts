import { describe, expect, test } from '@jest/globals'
import { Cache, cacheWithoutDogpiling } from '../src/index.ts'
import { callers, failureOf, heldLoader, slowLoader, stored, World } from './helpers/world.ts'

const TIMES = { ttl: 1000, grace: 500 } as const

describe('many keys', () => {
  test('are read by one command, in their order, misses included [C103]', async () => {
    const { cache, link, told } = new World().start()
    await cache.setMany([
      ['a', 1],
      [['b', 2], null],
    ])
    link.sent.length = 0
    const values = await cache.getMany(['nothing', ['b', 2], 'a', ['b', 2]])
    expect(values).toEqual([undefined, null, 1, null])
    expect(link.commands()).toEqual(['read'])
    expect(told()).toEqual(['miss', 'hit', 'hit', 'hit'])
  })

  test('are removed by one command, which counts them [C103]', async () => {
    const { cache, link } = new World().start()
    await cache.setMany([
      ['a', 1],
      ['b', 2],
    ])
    link.sent.length = 0
    expect(await cache.deleteMany(['a', 'nothing', 'b'])).toBe(2)
    expect(link.commands()).toEqual(['remove'])
    expect(await cache.getMany(['a', 'b'])).toEqual([undefined, undefined])
  })

  test('of which there are none cost nothing', async () => {
    const { cache, link } = new World().start()
    expect(await cache.getMany([])).toEqual([])
    expect(await cache.deleteMany([])).toBe(0)
    await cache.setMany([])
    expect(link.sent).toEqual([])
  })

  test('are set all or, if one has no stored form, none', async () => {
    const { cache, link } = new World().start()
    const setting = cache.setMany([
      ['a', 1],
      ['b', undefined],
    ])
    expect(await failureOf(setting)).toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(link.sent).toEqual([])
  })

  test('are set as they are at the call', async () => {
    const { cache } = new World().start()
    const row = { version: 1 }
    const setting = cache.setMany([['row', row]])
    row.version = 2
    await setting
    expect(await cache.get('row')).toEqual({ version: 1 })
  })

  test('of which one cannot be stored: the call rejects when all have been tried', async () => {
    const { cache, link } = new World().start()
    link.once('write', { reject: new Error('full') })
    const setting = cache.setMany([
      ['a', 1],
      ['b', 2],
    ])
    expect(await failureOf(setting)).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(await cache.getMany(['a', 'b'])).toEqual([undefined, 2])
  })

  test('are misses while the store is away, each with an event', async () => {
    const { cache, link, told } = new World().start()
    link.once('read', { reject: new Error('away') })
    expect(await cache.getMany(['a', 'b'])).toEqual([undefined, undefined])
    expect(told()).toEqual(['store-error', 'store-error'])
  })

  test('stale ones ask for the store’s time but once', async () => {
    const world = new World()
    const [setting, reading] = [world.start(TIMES), world.start(TIMES)]
    await setting.cache.setMany([
      ['a', 1],
      ['b', 2],
    ])
    await world.clock.advance(1200)
    expect(await reading.cache.getMany(['a', 'b'])).toEqual([undefined, undefined])
    expect(reading.link.commands()).toEqual(['read', 'lease'])
  })

  test('set or deleted: later callers do not join the loads of any of them', async () => {
    const world = new World()
    const { cache } = world.start()
    const held = heldLoader<string>()
    const old = ['a', 'b'].map((key) => cache.getOrSet(key, held.load))
    await world.clock.settle()
    await cache.deleteMany(['a', 'b'])
    expect(await cache.getOrSet('b', () => 'new')).toBe('new')
    expect(await cache.getOrSet('a', () => 'new')).toBe('new')
    held.resolve('old')
    void Promise.allSettled(old)
  })
})

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

describe('memoize', () => {
  test('keeps a result per list of arguments, whatever their shape [seed: djblets cache_memoize]', async () => {
    const { cache } = new World().start()
    const calls: unknown[] = []
    const measure = async (box: { w: number; h: number }, scale = 1) => {
      calls.push(box)
      return box.w * box.h * scale
    }
    const area = cache.memoize(measure, { key: 'area', ttl: '30s' })
    expect(await Promise.all([area({ w: 2, h: 3 }), area({ h: 3, w: 2 })])).toEqual([6, 6])
    expect(await area({ w: 2, h: 3 })).toBe(6)
    expect(await area({ w: 2, h: 3 }, 2)).toBe(12)
    expect(calls).toHaveLength(2)
  })

  test('by a key of one’s own is the entry of that name', async () => {
    const { cache } = new World().start()
    const user = cache.memoize((id: number) => `user ${id}`, { key: (id) => ['user', id] })
    await user(7)
    expect(await cache.get(['user', 7])).toBe('user 7')
  })

  test('loads once for all processes, and hands errors on [seed: djblets cache_memoize]', async () => {
    const world = new World()
    const load = slowLoader(world.clock, 100, 'v')
    const processes = world.startMany(3)
    const values = processes.map(({ cache }) => cache.memoize(load, { key: 'slow' })())
    expect(await world.clock.until(Promise.all(values))).toEqual(['v', 'v', 'v'])
    expect(load.calls).toBe(1)
    const error = new RangeError('no')
    const fails = processes[0]?.cache.memoize(() => Promise.reject(error), { key: 'fails' })
    expect(await failureOf(fails?.() ?? Promise.resolve())).toBe(error)
  })

  test('refresh runs the function under the lease, and stores what it gives', async () => {
    const { cache, link } = new World().start()
    let version = 0
    const read = cache.memoize(() => ++version, { key: 'row' })
    expect(await read()).toBe(1)
    link.sent.length = 0
    expect(await read.refresh()).toBe(2)
    expect(link.commands()).toEqual(['read', 'lease', 'commit'])
    expect(await read()).toBe(2)
    expect(await read.invalidate()).toBe(true)
    expect(await read.invalidate()).toBe(false)
    expect(await read()).toBe(3)
  })

  test('refresh does not bring back what was deleted meanwhile', async () => {
    const world = new World()
    const [one, two] = [world.start(), world.start()]
    const held = heldLoader<string>()
    const read = one.cache.memoize(held.load, { key: () => 'row' })
    const refreshed = read.refresh()
    await world.clock.settle()
    await two.cache.delete('row')
    held.resolve('old')
    expect(await refreshed).toBe('old')
    expect(await two.cache.get('row')).toBeUndefined()
  })

  test.each<[string, unknown, object]>([
    ['what is no function', 'fn', { key: 'k' }],
    ['no key', () => 1, {}],
    ['an empty key', () => 1, { key: '' }],
    ['a ttl that makes no sense', () => 1, { key: 'k', ttl: -1 }],
  ])('refuses %s at once', (_, fn, options) => {
    const { cache } = new World().start()
    expect(() => cache.memoize(fn as () => number, options as never)).toThrow(
      expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
    )
  })
})

describe('seed: Chris Lamb cache_without_dogpiling', () => {
  test('many callers, several processes: one load; a cached null is no miss [C98]', async () => {
    const world = new World()
    const load = slowLoader(world.clock, 100, null)
    const values = world
      .startMany(3)
      .flatMap(({ cache }) => callers(10, () => cacheWithoutDogpiling(cache, 'k', load, '1s')))
    expect(await world.clock.until(Promise.all(values))).toEqual(Array(30).fill(null))
    expect(load.calls).toBe(1)
  })

  test('after its ttl nothing is served: the caller waits for a new value', async () => {
    const world = new World()
    const { cache } = world.start()
    await cacheWithoutDogpiling(cache, 'k', () => 'old', 1000)
    await world.clock.advance(999)
    expect(await cacheWithoutDogpiling(cache, 'k', () => 'new', 1000)).toBe('old')
    await world.clock.advance(1)
    expect(await cacheWithoutDogpiling(cache, 'k', () => 'new', 1000)).toBe('new')
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
