import { describe, expect, test } from '@jest/globals'
import type { Name } from '@locks/core'
import { encodeName } from '@locks/core/parts'
import { plainIdentity } from '../src/index.ts'
import { namePattern } from '../src/name-pattern.ts'
import { failureOf, heldLoader, stored, World } from './helpers/world.ts'

const LONG = 'x'.repeat(500)

describe('a pattern', () => {
  test.each<readonly [Name, readonly Name[], readonly Name[]]>([
    ['user:*', ['user:7', 'user:', 'user:7:a', `user:${LONG}`], ['user', 'xuser:7', ['user:7']]],
    ['user.7', ['user.7'], ['user:7', 'userx7']],
    ['*:7', ['user:7', ':7'], ['user:70', ['user', 7], ['7']]],
    ['a*b*c', ['abc', 'a-b-c', 'aä bb c'], ['ab', 'abcd', ['abc']]],
    ['ä *', ['ä ö'], ['a ö']],
    ['*', ['a', ['a', 1], LONG], []],
    [
      ['user', '*'],
      [
        ['user', 7],
        ['user', 'x'],
        ['user', true],
      ],
      ['user', ['user'], ['user', 7, 8], ['users', 7]],
    ],
    [['user', 7], [['user', 7]], [['user', '7']]],
    [
      ['u*', 'a*z'],
      [
        ['user', 'abcz'],
        ['u', 'az'],
      ],
      [
        ['x', 'az'],
        ['u', 'azb'],
      ],
    ],
    [['*r'], [['user']], [['use'], [7]]],
  ])('%j means what it says', (pattern, meant, others) => {
    const { start, matches } = namePattern(pattern)
    const covers = (name: Name) => {
      const encoded = encodeName(name)
      return encoded.startsWith(start) && matches(encoded)
    }
    expect(meant.filter((name) => !covers(name))).toEqual([])
    expect(others.filter((name) => covers(name))).toEqual([])
  })

  test('never takes a digest for the end of a name', () => {
    const encoded = encodeName(LONG)
    expect(namePattern(`*${encoded.at(-1)}`).matches(encoded)).toBe(false)
  })

  test.each(['', [], 7, null, [{}], LONG])('%j is refused', async (pattern) => {
    const { cache, link } = new World().start()
    const failure = await failureOf(cache.deletePattern(pattern as string))
    expect(failure).toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(link.sent).toEqual([])
  })
})

describe('deletePattern', () => {
  test('removes what is like it over all pages, counts it, and leaves the rest [C104]', async () => {
    const { cache } = new World().start()
    const names = Array.from({ length: 9 }, (_, i) => `user:${i}`)
    await cache.setMany([...names, 'other'].map((name) => [name, name]))
    expect(await cache.deletePattern('user:*')).toBe(9)
    expect(await cache.getMany(names)).toEqual(Array(9).fill(undefined))
    expect(await cache.get('other')).toBe('other')
  })

  test('that matches nothing removes nothing: 0 [C104]', async () => {
    const { cache, link } = new World().start()
    await cache.set('other', 1)
    expect(await cache.deletePattern('user:*')).toBe(0)
    expect(link.count('remove')).toBe(0)
  })

  test('voids the loads of names that have no entry yet', async () => {
    const world = new World()
    const [loading, deleting] = [world.start(), world.start()]
    const held = heldLoader<string>()
    const value = loading.cache.getOrSet('user:7', held.load)
    await world.clock.settle()
    expect(await deleting.cache.deletePattern('user:*')).toBe(0)
    held.resolve('old')
    expect(await value).toBe('old')
    expect(world.store.entry(stored('user:7'))).toBeUndefined()
  })

  test('lets no later caller join what is under way here', async () => {
    const world = new World()
    const { cache } = world.start()
    const held = heldLoader<string>()
    const old = cache.getOrSet('user:7', held.load)
    await world.clock.settle()
    await cache.deletePattern('user:*')
    expect(await cache.getOrSet('user:7', () => 'new')).toBe('new')
    held.resolve('old')
    expect(await old).toBe('old')
  })

  test('leaves other namespaces alone', async () => {
    const world = new World()
    const [one, two] = [world.start({ namespace: 'one' }), world.start({ namespace: 'two' })]
    await one.cache.set('k', 1)
    await two.cache.set('k', 2)
    expect(await one.cache.deletePattern('*')).toBe(1)
    expect(await two.cache.get('k')).toBe(2)
  })

  test('is UNSUPPORTED where the store cannot list, or names cannot be told from keys', async () => {
    const world = new World()
    const link = Object.assign(world.store.connect(), { listEntries: undefined })
    for (const options of [{ store: link as never }, { identity: plainIdentity }]) {
      const { cache } = world.start(options)
      expect(await failureOf(cache.deletePattern('*'))).toMatchObject({ code: 'UNSUPPORTED' })
    }
  })
})

describe('expire', () => {
  const TIMES = { ttl: 1000, grace: 500 } as const

  test('makes a value stale for its grace', async () => {
    const world = new World()
    const { cache } = world.start(TIMES)
    await cache.set('k', 'old')
    expect(await cache.expire('k')).toBe(true)
    expect(await cache.get('k')).toBeUndefined()
    expect(await cache.getEntry('k')).toMatchObject({ value: 'old', state: 'stale' })
    await world.clock.advance(499)
    expect(await cache.getEntry('k')).toBeDefined()
    await world.clock.advance(1)
    expect(world.store.entry(stored('k'))).toBeUndefined()
  })

  test('again does not lengthen the grace', async () => {
    const world = new World()
    const { cache } = world.start(TIMES)
    await cache.set('k', 'old')
    await cache.expire('k')
    await world.clock.advance(300)
    expect(await cache.expire('k')).toBe(false)
    await world.clock.advance(200)
    expect(world.store.entry(stored('k'))).toBeUndefined()
  })

  test('holds for a process whose idea of the store’s time lags a little', async () => {
    const world = new World()
    const [expiring, lagging] = [world.start(TIMES), world.start(TIMES)]
    await lagging.cache.set('k', 'old')
    world.store.jump(200)
    await expiring.cache.expire('k')
    expect(await lagging.cache.get('k')).toBeUndefined()
  })

  test('with grace 0 is a delete', async () => {
    const world = new World()
    const { cache } = world.start(TIMES)
    await cache.set('k', 'old')
    expect(await cache.expire('k', { grace: 0 })).toBe(true)
    expect(world.store.entry(stored('k'))).toBeUndefined()
  })

  test('is followed by one load, behind the stale value', async () => {
    const world = new World()
    const { cache } = world.start(TIMES)
    await cache.set('k', 'old')
    await cache.expire('k')
    expect(await cache.getOrSet('k', () => 'new')).toBe('old')
    await world.clock.settle()
    expect(await cache.get('k')).toBe('new')
  })

  test.each([['an entry'], ['none']])('voids the load of a key with %s', async (what) => {
    const world = new World()
    const [loading, expiring] = [world.start(TIMES), world.start(TIMES)]
    if (what === 'an entry') {
      await loading.cache.set('k', 'old')
      await world.clock.advance(1100)
    }
    const held = heldLoader<string>()
    const value = loading.cache.getOrSet('k', held.load)
    await world.clock.settle()
    expect(held.calls).toBe(1)
    await expiring.cache.expire('k')
    held.resolve('read before')
    await value
    await world.clock.settle()
    expect(await expiring.cache.get('k')).toBeUndefined()
  })

  test('beside a value that is set in between makes that one stale', async () => {
    const world = new World()
    const [one, two] = [world.start(TIMES), world.start(TIMES)]
    await one.cache.set('k', 'old')
    const held = one.link.hold('compareAndSet')
    const expired = one.cache.expire('k')
    await held.arrived
    await two.cache.set('k', 'new')
    held.release()
    expect(await expired).toBe(true)
    expect(await two.cache.getEntry('k')).toMatchObject({ value: 'new', state: 'stale' })
  })

  test('rejects where the store does not answer', async () => {
    const { cache, link } = new World().start()
    link.always(() => ({ reject: new Error('away') }))
    expect(await failureOf(cache.expire('k'))).toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })
})
