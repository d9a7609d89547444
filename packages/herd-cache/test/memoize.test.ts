import { describe, expect, test } from '@jest/globals'
import { cacheWithoutDogpiling } from '../src/index.ts'
import { callers, failureOf, heldLoader, slowLoader, World } from './helpers/world.ts'

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
