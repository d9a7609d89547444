import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { SingleFlight } from '../src/single-flight.ts'
import {
  callers,
  failureOf,
  heldLoader,
  readsOf,
  slowLoader,
  stored,
  World,
} from './helpers/world.ts'

afterEach(() => {
  jest.restoreAllMocks()
})

describe('one process', () => {
  test('100 callers at once share 1 load and 1 read [C86]', async () => {
    const world = new World()
    const { cache, link } = world.start()
    const load = slowLoader(world.clock, 200, { id: 7 })
    const values = await world.clock.until(
      Promise.all(callers(100, () => cache.getOrSet('k', load))),
    )
    expect(values).toEqual(Array(100).fill({ id: 7 }))
    expect(load.calls).toBe(1)
    expect(link.commands()).toEqual(['read', 'lease', 'commit'])
  })

  test('callers who come while the loader runs join it', async () => {
    const world = new World()
    const { cache, link } = world.start()
    const loader = heldLoader<string>()
    const first = cache.getOrSet('k', loader.load)
    await world.clock.settle()
    const second = cache.getOrSet('k', loader.load)
    await world.clock.settle()
    loader.resolve('v')
    expect(await Promise.all([first, second])).toEqual(['v', 'v'])
    expect(loader.calls).toBe(1)
    expect(link.count('read')).toBe(1)
  })

  test('different keys do not wait for each other', async () => {
    const world = new World()
    const { cache } = world.start()
    const held = heldLoader<string>()
    const slow = cache.getOrSet('slow', held.load)
    expect(await cache.getOrSet('fast', () => 'v')).toBe('v')
    held.resolve('late')
    expect(await slow).toBe('late')
  })

  test('a name and the array of it are two keys', async () => {
    const { cache } = new World().start()
    await cache.set('a:b', 1)
    await cache.set(['a', 'b'], 2)
    await cache.set(['a:b'], 3)
    expect(await cache.get('a:b')).toBe(1)
    expect(await cache.get(['a', 'b'])).toBe(2)
    expect(await cache.get(['a:b'])).toBe(3)
  })

  test('two namespaces on one store share nothing', async () => {
    const world = new World()
    const one = world.start({ namespace: 'one' })
    const two = world.start({ namespace: 'two' })
    await one.cache.set('k', 1)
    expect(await two.cache.get('k')).toBeUndefined()
    await two.cache.delete('k')
    expect(await one.cache.get('k')).toBe(1)
  })

  test('a loader may answer without a promise, and is told key and signal', async () => {
    const { cache } = new World().start()
    const seen: unknown[] = []
    const value = await cache.getOrSet(['user', 7], ({ key, signal }) => {
      seen.push(key, signal.aborted)
      return 'v'
    })
    expect(value).toBe('v')
    expect(seen).toEqual([['user', 7], false])
  })
})

describe('several processes', () => {
  test.each([2, 3, 12])('%d processes that miss at once load once', async (count) => {
    const world = new World()
    const load = slowLoader(world.clock, 200, 'v')
    const processes = world.startMany(count)
    const calls = processes.map(({ cache }) => cache.getOrSet('k', load))
    expect(await world.clock.until(Promise.all(calls))).toEqual(Array(count).fill('v'))
    expect(load.calls).toBe(1)
    expect(processes.map(({ link }) => readsOf(link, 'k'))).toEqual(Array(count).fill(1))
  })

  test('a herd of 50 callers in each of 6 processes loads once', async () => {
    const world = new World()
    const load = slowLoader(world.clock, 200, 'v')
    const processes = world.startMany(6)
    const calls = processes.flatMap(({ cache }) => callers(50, () => cache.getOrSet('k', load)))
    expect(await world.clock.until(Promise.all(calls))).toEqual(Array(300).fill('v'))
    expect(load.calls).toBe(1)
    for (const { link } of processes) expect(readsOf(link, 'k')).toBe(1)
  })

  test('a value committed between read and lease is used: nobody loads again [C91]', async () => {
    const world = new World()
    const [first, late] = [world.start(), world.start()]
    const held = late.link.hold('lease')
    const load = slowLoader(world.clock, 0, 'again')
    const value = late.cache.getOrSet('k', load)
    await held.arrived
    await first.cache.getOrSet('k', () => 'first')
    held.release()
    expect(await value).toBe('first')
    expect(load.calls).toBe(0)
  })
})

describe('values', () => {
  test.each([null, false, 0, '', [], {}, { nested: [1, 'ä\u0000', null] }])(
    '%j is cached as it is [C98]',
    async (value) => {
      const world = new World()
      const [one, two] = [world.start(), world.start()]
      const load = slowLoader(world.clock, 0, value)
      expect(await world.clock.until(one.cache.getOrSet('k', load))).toEqual(value)
      expect(await one.cache.getOrSet('k', load)).toEqual(value)
      expect(await two.cache.getOrSet('k', load)).toEqual(value)
      expect(await two.cache.get('k')).toEqual(value)
      expect(load.calls).toBe(1)
    },
  )

  test('undefined is shared with those who waited, in every process, and not cached', async () => {
    const world = new World()
    const processes = world.startMany(3)
    const load = slowLoader(world.clock, 200, undefined)
    const calls = processes.flatMap(({ cache }) => callers(5, () => cache.getOrSet('k', load)))
    expect(await world.clock.until(Promise.all(calls))).toEqual(Array(15).fill(undefined))
    expect(load.calls).toBe(1)
    expect(world.store.entry(stored('k'))).toBeUndefined()
    for (const { cache } of processes) await world.clock.until(cache.getOrSet('k', load))
    expect(load.calls).toBe(4)
  })

  test('a value that cannot be serialized is returned, not cached, in every process', async () => {
    const world = new World()
    const [one, two] = [world.start(), world.start()]
    const cyclic: { self?: unknown } = {}
    cyclic.self = cyclic
    const load = slowLoader(world.clock, 200, cyclic)
    const calls = [one, one, two, two].map(({ cache }) => cache.getOrSet('k', load))
    for (const value of await world.clock.until(Promise.all(calls))) expect(value).toBe(cyclic)
    expect(load.calls).toBe(2)
    expect(world.store.entry(stored('k'))).toBeUndefined()
    expect(world.store.holder(stored('k'))).toBeUndefined()
  })
})

test('nothing is kept of a load that has ended, however it ended', async () => {
  const run = jest.spyOn(SingleFlight.prototype, 'run')
  const world = new World()
  const { cache } = world.start({ ttl: 1000, grace: 500 })
  const fails = () => Promise.reject(new Error('no'))
  await cache.getOrSet('a', () => 1)
  await failureOf(cache.getOrSet('b', fails))
  await cache.getOrSet('c', () => undefined)
  await world.clock.advance(1100)
  await cache.getOrSet('a', fails)
  await world.clock.advance(10_000)
  const flights = new Set(run.mock.contexts as SingleFlight[])
  expect(flights.size).toBe(2)
  for (const flight of flights) expect(flight.size).toBe(0)
  expect(world.clock.armed).toEqual({ foreground: 0, background: 0 })
})
