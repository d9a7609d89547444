import { describe, expect, test } from '@jest/globals'
import { failureOf, heldLoader, slowLoader, stored, World } from './helpers/world.ts'

describe('jitter', () => {
  test('shortens each ttl by up to its part, never lengthens it', async () => {
    const world = new World()
    const { cache } = world.start({ jitter: 0.5, ttl: 1000, grace: 0 })
    const keys = Array.from({ length: 50 }, (_, i) => `k${i}`)
    await cache.setMany(keys.map((key) => [key, 'v'] as const))
    await cache.getOrSet('loaded', () => 'v')
    const left = await Promise.all([...keys, 'loaded'].map((key) => cache.ttl(key)))
    for (const ttlMs of left) {
      expect(ttlMs).toBeGreaterThanOrEqual(500)
      expect(ttlMs).toBeLessThanOrEqual(1000)
    }
    expect(new Set(left).size).toBeGreaterThan(20)
    await world.clock.advance(1000)
    expect(world.store.entry(stored('k0'))).toBeUndefined()
  })

  test.each([-0.1, 1.1, Number.NaN, '0.1'])('of %p is refused', async (jitter) => {
    const { cache } = new World().start()
    const failure = failureOf(cache.set('k', 'v', { jitter: jitter as number }))
    expect(await failure).toMatchObject({ code: 'INVALID_ARGUMENT' })
  })
})

describe('a loaded null', () => {
  test('is a hit for negativeTtl, at most for ttl', async () => {
    const world = new World()
    const { cache } = world.start({ ttl: '1m', negativeTtl: '2s' })
    const load = slowLoader<string | null>(world.clock, 0, null)
    expect(await cache.getOrSet('k', load)).toBeNull()
    expect(await cache.ttl('k')).toBe(2000)
    expect(await cache.getOrSet('k', load)).toBeNull()
    expect(load.calls).toBe(1)
    await cache.getOrSet('short', () => null, { ttl: 500 })
    expect(await cache.ttl('short')).toBe(500)
  })

  test('has 5 s by default, and what is set has its own ttl', async () => {
    const { cache } = new World().start()
    await cache.getOrSet('loaded', () => null)
    await cache.set('set', null)
    expect(await cache.ttl('loaded')).toBe(5000)
    expect(await cache.ttl('set')).toBe(60_000)
  })
})

describe('an early load', () => {
  /** A value with 1 s to live, whose load took 500 ms. */
  async function loaded(early: { beta?: number; maxFraction?: number }) {
    const world = new World()
    const settings = { ttl: 1000, grace: 0, early } as const
    const processes = [world.start(settings), world.start(settings)] as const
    let version = 0
    const load = slowLoader(world.clock, 500, () => `v${++version}`)
    await world.clock.until(processes[0].cache.getOrSet('k', load))
    return { world, load, processes }
  }

  test('is run by one process while all are served, and nobody ever waits', async () => {
    const { world, load, processes } = await loaded({ beta: 1000 })
    await world.clock.advance(801)
    const calls = processes.flatMap(({ cache }) => [1, 2, 3].map(() => cache.getOrSet('k', load)))
    const startedAtMs = world.clock.elapsed
    expect(await Promise.all(calls)).toEqual(Array(6).fill('v1'))
    expect(world.clock.elapsed).toBe(startedAtMs)
    await world.clock.advance(500)
    expect(load.calls).toBe(2)
    expect(await processes[1].cache.get('k')).toBe('v2')
  })

  test('comes only in the last part of the ttl, however likely', async () => {
    const { world, load, processes } = await loaded({ beta: 1000, maxFraction: 0.1 })
    for (let at = 0; at < 89; at++) {
      await world.clock.advance(10)
      await processes[0].cache.getOrSet('k', load)
    }
    expect(load.calls).toBe(1)
    await world.clock.advance(20)
    await processes[0].cache.getOrSet('k', load)
    await world.clock.settle()
    expect(load.calls).toBe(2)
  })

  test('comes in time for a load that takes long, and not in the first half of the ttl', async () => {
    const { world, load, processes } = await loaded({ beta: 1000 })
    await world.clock.advance(490)
    await processes[0].cache.getOrSet('k', load)
    await world.clock.advance(0)
    expect(load.calls).toBe(1)
    await world.clock.advance(20)
    await processes[0].cache.getOrSet('k', load)
    await world.clock.advance(0)
    expect(load.calls).toBe(2)
  })

  test('is never due for what was set, nor where it is switched off', async () => {
    const world = new World()
    const { cache } = world.start({ ttl: 1000, early: { beta: 1000, maxFraction: 1 } })
    const load = slowLoader(world.clock, 500, 'loaded')
    await cache.set('set', 'v')
    await world.clock.until(cache.getOrSet('off', load))
    await world.clock.advance(400)
    expect(await cache.getOrSet('set', load)).toBe('v')
    expect(await cache.getOrSet('off', load, { early: false })).toBe('loaded')
    await world.clock.advance(5000)
    expect(load.calls).toBe(1)
  })
})

describe('a value kept for the case of an error', () => {
  async function expired(options: object = {}) {
    const world = new World()
    const settings = { ttl: 1000, grace: 0, staleIfError: '1h', ...options } as const
    const process = world.start(settings)
    await process.cache.set('k', 'old')
    await world.clock.advance(1500)
    return { world, settings, ...process }
  }

  test('is not served while loading works', async () => {
    const { world, cache } = await expired()
    expect(await cache.get('k')).toBeUndefined()
    expect(await world.clock.until(cache.getOrSet('k', slowLoader(world.clock, 100, 'new')))).toBe(
      'new',
    )
  })

  test('is served when loading fails, which is tried again after errorBackoff only', async () => {
    const { world, cache, told } = await expired({ errorBackoff: 2000 })
    const load = slowLoader(world.clock, 100, () => {
      throw new Error('down')
    })
    for (let at = 0; at < 20; at++) {
      expect(await world.clock.until(cache.getOrSet('k', load))).toBe('old')
      await world.clock.advance(100)
    }
    expect(load.calls).toBe(1)
    expect(told()).toContain('load-failed')
    await world.clock.advance(500)
    expect(await world.clock.until(cache.getOrSet('k', load))).toBe('old')
    expect(load.calls).toBe(2)
  })

  test('is served by all who waited for the load elsewhere that failed', async () => {
    const { world, settings, cache } = await expired()
    const other = world.start(settings)
    const load = slowLoader(world.clock, 100, () => {
      throw new Error('down')
    })
    const calls = [cache, other.cache].map((each) => each.getOrSet('k', load))
    expect(await world.clock.until(Promise.all(calls))).toEqual(['old', 'old'])
    expect(load.calls).toBe(1)
  })

  test('ends with staleIfError, and with a delete at once', async () => {
    const { world, cache } = await expired({ staleIfError: 2000, errorBackoff: '1h' })
    const fails = () => Promise.reject(new Error('down'))
    expect(await world.clock.until(cache.getOrSet('k', fails))).toBe('old')
    await cache.delete('k')
    expect((await world.clock.until(failureOf(cache.getOrSet('k', fails)))).message).toBe('down')
    await cache.set('k', 'old')
    await world.clock.advance(3001)
    expect((await world.clock.until(failureOf(cache.getOrSet('k', fails)))).message).toBe('down')
  })

  test('is served after softTimeout, while the load goes on', async () => {
    const { world, cache } = await expired({ softTimeout: 200 })
    const loader = heldLoader<string>()
    const startedAtMs = world.clock.elapsed
    expect(await world.clock.until(cache.getOrSet('k', loader.load))).toBe('old')
    expect(world.clock.elapsed - startedAtMs).toBe(200)
    expect(await world.clock.until(cache.getOrSet('k', loader.load))).toBe('old')
    expect(loader.calls).toBe(1)
    loader.resolve('new')
    await world.clock.settle()
    expect(await cache.get('k')).toBe('new')
  })

  test('is loaded once behind softTimeout, whether the store answers or not', async () => {
    const { world, cache, link } = await expired({ softTimeout: 200 })
    const loader = heldLoader<string>()
    for (let i = 0; i < 2; i++) link.once('lease', { reject: new Error('down') })
    expect(await world.clock.until(cache.getOrSet('k', loader.load))).toBe('old')
    link.once('read', { reject: new Error('down') })
    const next = cache.getOrSet('k', loader.load)
    await world.clock.settle()
    expect(loader.calls).toBe(1)
    loader.resolve('new')
    expect(await world.clock.until(next)).toBe('new')
  })

  test('is not given up for a load that is older than it', async () => {
    const { world, settings, cache } = await expired({ softTimeout: 200 })
    const other = world.start(settings)
    const before = heldLoader<string>()
    const after = heldLoader<string>()
    expect(await world.clock.until(cache.getOrSet('k', before.load))).toBe('old')
    await other.cache.set('k', 'set elsewhere')
    await world.clock.advance(1500)
    const call = cache.getOrSet('k', after.load)
    await world.clock.settle()
    before.resolve('of before')
    await world.clock.settle()
    expect(after.calls).toBe(1)
    after.resolve('new')
    expect(await world.clock.until(call)).toBe('new')
  })

  test('within its grace is served at once, and a failed load rests for errorBackoff', async () => {
    const world = new World()
    const { cache } = world.start({ ttl: 1000, grace: '1h', errorBackoff: 3000 })
    await cache.set('k', 'old')
    await world.clock.advance(1300)
    const load = slowLoader(world.clock, 0, () => {
      throw new Error('down')
    })
    for (let at = 0; at < 30; at++) {
      expect(await cache.getOrSet('k', load)).toBe('old')
      await world.clock.advance(100)
    }
    expect(load.calls).toBe(1)
  })
})
