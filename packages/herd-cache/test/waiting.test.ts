import { describe, expect, test } from '@jest/globals'
import type { StoreLink } from './helpers/store-link.ts'
import { failureOf, heldLoader, slowLoader, stored, World } from './helpers/world.ts'

/** The pauses between one request for the lease and the next. */
const pauses = (link: StoreLink): number[] => {
  const times = link.sentOf('lease').map(({ atMs }) => atMs)
  return times.slice(1).map((atMs, index) => atMs - (times[index] ?? 0))
}

/** One that has loaded for 1000 ms expects 50 + 0.3 × (1000 − 50) ms of a load. */
async function expecting335() {
  const world = new World()
  const [loading, waiting] = [world.start(), world.start()]
  await world.clock.until(waiting.cache.getOrSet('earlier', slowLoader(world.clock, 1000, 'v')))
  waiting.link.sent.length = 0
  return { world, loading, waiting }
}

describe('who waits for a load in another process', () => {
  test('looks first when it should be over, then at growing, jittered intervals', async () => {
    const { world, loading, waiting } = await expecting335()
    const loader = heldLoader<string>()
    const first = loading.cache.getOrSet('k', loader.load)
    await world.clock.settle()
    const second = waiting.cache.getOrSet('k', () => 'not asked')
    await world.clock.advance(3000)
    loader.resolve('v')
    expect(await first).toBe('v')
    expect(await world.clock.until(second)).toBe('v')
    const [expected, ...later] = pauses(waiting.link)
    expect(expected).toBeGreaterThanOrEqual(335)
    expect(expected).toBeLessThan(335 * 1.25)
    const limits = [10, 20, 40, 80, 160, 320, ...Array(20).fill(500)]
    expect(later.length).toBeGreaterThan(7)
    for (const [index, pauseMs] of later.entries()) {
      expect(pauseMs).toBeGreaterThanOrEqual(limits[index] / 2)
      expect(pauseMs).toBeLessThan(limits[index])
    }
  })

  test('looks when it should be over, also who has come late', async () => {
    const { world, loading, waiting } = await expecting335()
    const loader = heldLoader<string>()
    const first = loading.cache.getOrSet('k', loader.load)
    await world.clock.advance(300)
    const second = waiting.cache.getOrSet('k', () => 'not asked')
    await world.clock.advance(100)
    loader.resolve('v')
    expect(await first).toBe('v')
    expect(await world.clock.until(second)).toBe('v')
    expect(pauses(waiting.link)[0]).toBeGreaterThanOrEqual(35)
    expect(pauses(waiting.link)[0]).toBeLessThan(35 * 1.25)
  })

  test('learns from the loads of others how long to wait', async () => {
    const world = new World()
    const [loading, waiting] = [world.start(), world.start()]
    for (let key = 0; key < 20; key++) {
      waiting.link.sent.length = 0
      const load = slowLoader(world.clock, 400, 'v')
      const first = loading.cache.getOrSet(`k${key}`, load)
      await world.clock.settle()
      const second = waiting.cache.getOrSet(`k${key}`, load)
      await world.clock.until(Promise.all([first, second]))
      expect(load.calls).toBe(1)
    }
    expect(waiting.told()).not.toContain('loaded')
    expect(pauses(waiting.link)[0]).toBeGreaterThan(390)
    expect(pauses(waiting.link).length).toBeLessThanOrEqual(2)
  })

  test('learns nothing from a value that was set', async () => {
    const world = new World()
    const [loading, waiting] = [world.start(), world.start()]
    for (const key of ['a', 'b', 'c']) {
      void loading.cache.getOrSet(key, heldLoader<string>().load)
      await world.clock.settle()
      waiting.link.sent.length = 0
      const value = waiting.cache.getOrSet(key, () => 'not asked')
      await world.clock.settle()
      await loading.cache.set(key, 'set')
      expect(await world.clock.until(value)).toBe('set')
      expect(pauses(waiting.link)[0]).toBeGreaterThanOrEqual(50)
    }
  })

  test('does not look in step with the others', async () => {
    const world = new World()
    const [loading, ...waiting] = [world.start(), ...world.startMany(5)]
    const loader = heldLoader<string>()
    void loading.cache.getOrSet('k', loader.load)
    await world.clock.settle()
    for (const { cache } of waiting) void cache.getOrSet('k', loader.load)
    await world.clock.advance(100)
    const firstPauses = waiting.map(({ link }) => pauses(link)[0])
    expect(new Set(firstPauses).size).toBe(5)
  })

  test('has the value within one interval of its being there [C92]', async () => {
    const world = new World()
    const [loading, waiting] = [world.start(), world.start()]
    void loading.cache.getOrSet('k', slowLoader(world.clock, 200, 'v'))
    await world.clock.settle()
    expect(await world.clock.until(waiting.cache.getOrSet('k', () => 'not asked'))).toBe('v')
    expect(world.clock.elapsed).toBeLessThan(200 + 160)
  })

  test('never waits past the end of the lease, however long loads take here', async () => {
    const world = new World()
    const [loading, waiting] = [world.start({ lease: 200 }), world.start({ lease: 200 })]
    await world.clock.until(
      waiting.cache.getOrSet('earlier', slowLoader(world.clock, 100_000, 'v')),
    )
    waiting.link.sent.length = 0
    const startedAtMs = world.clock.elapsed
    void loading.cache.getOrSet('k', slowLoader(world.clock, 60_000, 'v'))
    await world.clock.settle()
    loading.link.sever()
    await world.clock.until(waiting.cache.getOrSet('k', () => 'taken over'))
    expect(pauses(waiting.link)[0]).toBeCloseTo(201)
    expect(world.clock.elapsed - startedAtMs).toBeCloseTo(201)
  })

  test('for a quick load is not held up by how slow those of other keys are', async () => {
    const world = new World()
    const [loading, waiting] = [world.start(), world.start()]
    await world.clock.until(waiting.cache.getOrSet('slow', slowLoader(world.clock, 100_000, 'v')))
    const startedAtMs = world.clock.elapsed
    void loading.cache.getOrSet('quick', slowLoader(world.clock, 5, 'v'))
    await world.clock.settle()
    expect(await world.clock.until(waiting.cache.getOrSet('quick', () => 'not asked'))).toBe('v')
    expect(world.clock.elapsed - startedAtMs).toBeLessThanOrEqual(625)
  })

  test('waits no longer than waitTimeout, then loads for itself, uncached [C93]', async () => {
    const world = new World()
    const loading = world.start()
    const waiting = world.start({ waitTimeout: 700 })
    const loader = heldLoader<string>()
    const first = loading.cache.getOrSet('k', loader.load)
    await world.clock.settle()
    const own = slowLoader(world.clock, 100, 'own')
    const values = [waiting.cache.getOrSet('k', own), waiting.cache.getOrSet('k', own)]
    expect(await world.clock.until(Promise.all(values))).toEqual(['own', 'own'])
    expect(own.startedAtMs).toEqual([700])
    expect(waiting.link.count('commit')).toBe(0)
    expect(waiting.events.at(-1)).toEqual({
      type: 'loaded',
      key: stored('k'),
      loadMs: 100,
      committed: false,
    })
    loader.resolve('v')
    expect(await first).toBe('v')
    expect(await waiting.cache.get('k')).toBe('v')
  })

  test('after waitTimeout joins the load of an older call that goes on behind its old value', async () => {
    const world = new World()
    const options = { ttl: 1000, grace: 0, staleIfError: 1000, softTimeout: 10, waitTimeout: 700 }
    const [loading, waiting] = [world.start(options), world.start(options)]
    await waiting.cache.set('k', 'old')
    await world.clock.advance(1950)
    void loading.cache.getOrSet('k', heldLoader<string>().load)
    await world.clock.settle()
    const own = slowLoader(world.clock, 500, 'own')
    expect(await world.clock.until(waiting.cache.getOrSet('k', own))).toBe('old')
    await world.clock.advance(100)
    const second = waiting.cache.getOrSet('k', own)
    await world.clock.settle()
    expect(own.calls).toBe(0)
    expect(await world.clock.until(second)).toBe('own')
    expect(own.startedAtMs).toEqual([1950 + 700])
  })

  test('after a delete it joins no load that began before', async () => {
    const world = new World()
    const [loading, waiting] = [world.start(), world.start({ waitTimeout: 700 })]
    void loading.cache.getOrSet('k', heldLoader<string>().load)
    await world.clock.settle()
    const own = heldLoader<string>()
    const before = waiting.cache.getOrSet('k', own.load)
    await world.clock.advance(700)
    expect(own.calls).toBe(1)
    await waiting.cache.delete('k')
    void world.start().cache.getOrSet('k', heldLoader<string>().load)
    await world.clock.settle()
    const after = waiting.cache.getOrSet('k', () => 'new')
    await world.clock.advance(700)
    own.resolve('before')
    expect(await Promise.all([before, after])).toEqual(['before', 'new'])
  })

  test('after waitTimeout gets the error of its own load [C93]', async () => {
    const world = new World()
    const [loading, waiting] = [world.start(), world.start({ waitTimeout: 10 })]
    void loading.cache.getOrSet('k', heldLoader<string>().load)
    await world.clock.settle()
    const error = new Error('own')
    const failure = failureOf(waiting.cache.getOrSet('k', () => Promise.reject(error)))
    expect(await world.clock.until(failure)).toBe(error)
    expect(waiting.told()).toEqual(['miss', 'load-failed'])
  })
})
