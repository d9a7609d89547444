import { describe, expect, test } from '@jest/globals'
import type { BatchLoader, Name } from '../src/index.ts'
import { failureOf, heldLoader, slowLoader, stored, World } from './helpers/world.ts'

const TIMES = { ttl: 1000, grace: 500 } as const

/** Notes what it is asked for. */
function batchLoader(make: (key: Name) => unknown) {
  const asked: Name[][] = []
  const load: BatchLoader<unknown> = async (keys) => {
    asked.push([...keys])
    return keys.map(make)
  }
  return { load, asked }
}

describe('getOrSetMany', () => {
  test('reads all by one command, and loads what is missing by one call', async () => {
    const world = new World()
    const { cache, link } = world.start()
    await cache.set('b', 'there')
    link.sent.length = 0
    const { load, asked } = batchLoader((key) => `loaded ${String(key)}`)
    const outcomes = await world.clock.until(cache.getOrSetMany(['a', 'b', ['c', 1], 'a'], load))
    const values = ['loaded a', 'there', 'loaded c,1', 'loaded a']
    expect(outcomes).toEqual(values.map((value) => ({ status: 'fulfilled', value })))
    expect(asked).toEqual([['a', ['c', 1]]])
    expect(link.count('read')).toBe(1)
    expect(await cache.getMany(['a', ['c', 1]])).toEqual(['loaded a', 'loaded c,1'])
  })

  test('an error in place of a value is that key’s alone', async () => {
    const world = new World()
    const { cache } = world.start()
    const error = new RangeError('no b')
    const { load } = batchLoader((key) => (key === 'b' ? error : key))
    const outcomes = await world.clock.until(cache.getOrSetMany(['a', 'b'], load))
    expect(outcomes).toEqual([
      { status: 'fulfilled', value: 'a' },
      { status: 'rejected', reason: error },
    ])
    expect(await cache.getMany(['a', 'b'])).toEqual(['a', undefined])
  })

  test.each<[string, BatchLoader<unknown>]>([
    ['throws', () => Promise.reject(new Error('all of it'))],
    ['gives too few values', () => [1]],
    ['gives no array', (() => 'v') as never],
  ])('a loader that %s fails every key that it was to load', async (_, load) => {
    const world = new World()
    const { cache } = world.start()
    await cache.set('there', 1)
    const keys = ['a', 'there', 'b']
    const outcomes = await world.clock.until(cache.getOrSetMany(keys, load))
    expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'rejected'])
  })

  test('joins what is being fetched, here and elsewhere', async () => {
    const world = new World()
    const [one, two] = [world.start(), world.start()]
    const load = slowLoader(world.clock, 100, 'single')
    const single = [one.cache.getOrSet('a', load), two.cache.getOrSet('b', load)]
    await world.clock.settle()
    const { load: batch, asked } = batchLoader(() => 'batch')
    const outcomes = one.cache.getOrSetMany(['a', 'b', 'c'], batch)
    const values = (await world.clock.until(outcomes)).map((each) => 'value' in each && each.value)
    expect(values).toEqual(['single', 'single', 'batch'])
    expect(asked).toEqual([['c']])
    await Promise.all(single)
  })

  test('of no keys calls nobody', async () => {
    const { cache, link } = new World().start()
    expect(await cache.getOrSetMany([], () => [])).toEqual([])
    expect(link.sent).toEqual([])
  })

  test.each<[string, unknown, unknown]>([
    ['keys that are no array', 'ab', () => []],
    ['an empty name', ['a', ''], () => []],
    ['no loader', ['a'], undefined],
  ])('refuses %s before any command', async (_, keys, load) => {
    const { cache, link } = new World().start()
    const call = cache.getOrSetMany(keys as string[], load as BatchLoader<unknown>)
    expect(await failureOf(call)).toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(link.sent).toEqual([])
  })
})

describe('lease', () => {
  test('elects one, who is told so; the others get the old value at once [C106]', async () => {
    const world = new World()
    const processes = world.startMany(3, TIMES)
    await processes[0]?.cache.set('k', 'old')
    await world.clock.advance(1200)
    const leases = await Promise.all(processes.map(({ cache }) => cache.lease<string>('k')))
    expect(leases.map(({ owner }) => owner)).toEqual([true, false, false])
    for (const { entry } of leases) expect(entry).toMatchObject({ value: 'old', state: 'stale' })
    expect(await leases[1]?.commit('not mine')).toBe(false)
    expect(await leases[0]?.commit('new')).toBe(true)
    expect(await processes[2]?.cache.get('k')).toBe('new')
  })

  test('elects nobody while the value is fresh', async () => {
    const { cache, link } = new World().start()
    await cache.set('k', 'v')
    link.sent.length = 0
    const lease = await cache.lease('k')
    expect(lease).toMatchObject({ owner: false, entry: { value: 'v', state: 'fresh' } })
    expect(link.commands()).toEqual(['read'])
  })

  test('is renewed while it is held; who asks elsewhere waits for it', async () => {
    const world = new World()
    const [one, two] = [world.start(), world.start()]
    const lease = await one.cache.lease('k')
    const value = two.cache.getOrSet('k', () => 'not asked')
    await world.clock.advance(20_000)
    expect(await lease.commit('v')).toBe(true)
    expect(await world.clock.until(value)).toBe('v')
  })

  test('a delete or a set in between wins', async () => {
    const world = new World()
    const [one, two] = [world.start(), world.start()]
    const lease = await one.cache.lease('k')
    await two.cache.set('k', 'set')
    expect(await lease.commit('older')).toBe(false)
    expect(await one.cache.get('k')).toBe('set')
  })

  test('that fails, or is left, is free again', async () => {
    const world = new World()
    const { cache } = world.start()
    const failed = await cache.lease('k')
    await failed.fail(new Error('no'))
    expect(await failed.commit('too late')).toBe(false)
    {
      await using left = await cache.lease('k')
      expect(left.owner).toBe(true)
    }
    expect(world.store.holder(stored('k'))).toBeUndefined()
    expect((await cache.lease('k')).owner).toBe(true)
  })

  test('without the store makes everybody an owner of nothing', async () => {
    const { cache, link } = new World().start()
    link.always(() => ({ reject: new Error('away') }))
    const lease = await cache.lease('k')
    expect(lease.owner).toBe(true)
    expect(await lease.commit('v')).toBe(false)
  })
})

describe('optimistic', () => {
  test('replaces the value, and goes on from there', async () => {
    const { cache } = new World().start(TIMES)
    await cache.set('k', { n: 1 })
    const held = await cache.optimistic<{ n: number }>('k')
    expect(held.value).toEqual({ n: 1 })
    await held.cas({ n: 2 })
    expect(held.value).toEqual({ n: 2 })
    await held.cas({ n: 3 })
    expect(await cache.get('k')).toEqual({ n: 3 })
    expect(await cache.ttl('k')).toBe(1000)
  })

  test('set, delete, expire, a load and another cas make a held one conflict', async () => {
    const world = new World()
    const { cache } = world.start(TIMES)
    const changes: (() => Promise<unknown>)[] = [
      () => cache.set('k', 'v'),
      () => cache.delete('k'),
      () => cache.set('k', 'again').then(() => cache.expire('k')),
      async () => (await cache.optimistic('k')).cas('other'),
      async () => {
        await world.clock.advance(2000)
        await cache.getOrSet('k', () => 'loaded')
      },
    ]
    for (const change of changes) {
      await cache.set('k', 'v')
      const held = await cache.optimistic('k')
      await change()
      expect(await failureOf(held.cas('late'))).toMatchObject({ code: 'CONFLICT' })
    }
  })

  test('of what is not there is set only if nothing has come', async () => {
    const { cache } = new World().start()
    const [one, two] = await Promise.all([cache.optimistic('k'), cache.optimistic('k')])
    expect(one.value).toBeUndefined()
    await one.cas('first')
    expect(await failureOf(two.cas('second'))).toMatchObject({ code: 'CONFLICT' })
    expect(await cache.get('k')).toBe('first')
  })

  test('voids the load that is under way, also for later callers here', async () => {
    const world = new World()
    const { cache } = world.start()
    const held = heldLoader<string>()
    const value = cache.getOrSet('k', held.load)
    await world.clock.settle()
    await (await cache.optimistic('k')).cas('set')
    expect(await cache.getOrSet('k', () => 'not asked')).toBe('set')
    held.resolve('old')
    expect(await value).toBe('old')
    expect(await cache.get('k')).toBe('set')
  })

  test('shows a stale value as none, and replaces it all the same', async () => {
    const world = new World()
    const { cache } = world.start(TIMES)
    await cache.set('k', 'old')
    await world.clock.advance(1200)
    const held = await cache.optimistic('k')
    expect(held.value).toBeUndefined()
    await held.cas('new', { ttl: 5000 })
    expect(await cache.ttl('k')).toBe(5000)
  })

  test.each([undefined, () => 1])('refuses %p before anything is written', async (value) => {
    const { cache, link } = new World().start()
    const held = await cache.optimistic<unknown>('k')
    link.sent.length = 0
    expect(await failureOf(held.cas(value))).toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(link.sent).toEqual([])
  })
})
