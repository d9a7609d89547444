import { describe, expect, test } from '@jest/globals'
import type { HerdCache } from '../../src/index.ts'
import { failureOf, heldLoader, slowLoader, World } from '../helpers/world.ts'

const INVALID = { code: 'INVALID_ARGUMENT' }
const LONG = { ttl: '1h', grace: '1h' } as const

/** Two processes; in the store of the first is what `fill` puts there. */
async function filled(fill: (cache: HerdCache) => Promise<unknown>) {
  const world = new World()
  const [one, two] = world.startMany(2) as [ReturnType<World['start']>, ReturnType<World['start']>]
  await fill(one.cache)
  return { world, one, two }
}

const tagged = (...tags: string[]) => ({ ...LONG, tags })

describe('invalidateTags', () => {
  test('ends what has the tag in every process, and nothing else', async () => {
    const { one, two } = await filled(async (cache) => {
      await cache.set('a', 1, tagged('x'))
      await cache.set('b', 2, tagged('y', 'x'))
      await cache.set('c', 3, tagged('y'))
      await cache.set('d', 4, LONG)
    })
    const keys = ['a', 'b', 'c', 'd']
    expect(await two.cache.getMany(keys)).toEqual([1, 2, 3, 4])
    await one.cache.invalidateTags(['x'])
    for (const { cache } of [one, two])
      expect(await cache.getMany(keys)).toEqual([undefined, undefined, 3, 4])
    await two.cache.invalidateTags(['y', 'never used'])
    for (const { cache } of [one, two])
      expect(await cache.getMany(keys)).toEqual([undefined, undefined, undefined, 4])
  })

  test('lets nobody see the value: not as an entry, not as a stale one, not by its ttl', async () => {
    const { world, one, two } = await filled(async (cache) => {
      await cache.set('a', 1, tagged('x'))
      await cache.set('stale', 1, { ttl: 1000, grace: '1h', tags: ['x'] })
    })
    await world.clock.advance(2000)
    expect((await two.cache.getEntry('stale'))?.state).toBe('stale')
    await one.cache.invalidateTags(['x'])
    for (const key of ['a', 'stale']) {
      expect(await two.cache.getEntry(key)).toBeUndefined()
      expect(await two.cache.exists(key)).toBe(false)
      expect(await two.cache.ttl(key)).toBeUndefined()
      expect(await two.cache.expire(key, { grace: '1h' })).toBe(false)
      expect(await two.cache.getEntry(key)).toBeUndefined()
    }
    const load = slowLoader(world.clock, 10, 'new')
    for (const key of ['a', 'stale'])
      expect(await world.clock.until(two.cache.getOrSet(key, load))).toBe('new')
    expect(load.calls).toBe(2)
  })

  test('is told to nobody who asks for another value of the same kind', async () => {
    const { one, two } = await filled((cache) => cache.set('a', 1, tagged('x')))
    await one.cache.invalidateTags(['x'])
    await two.cache.set('a', 2, tagged('x'))
    expect(await one.cache.get('a')).toBe(2)
    expect(await one.cache.getOrSet('a', () => 3)).toBe(2)
  })

  test('voids a load that began before: its callers get it, the store does not', async () => {
    const world = new World()
    const [one, two] = world.startMany(2) as [
      ReturnType<World['start']>,
      ReturnType<World['start']>,
    ]
    const held = heldLoader<string>()
    const before = one.cache.getOrSet('k', held.load, tagged('x'))
    await world.clock.advance(10)
    await two.cache.invalidateTags(['x'])
    held.resolve('old')
    expect(await before).toBe('old')
    expect(await two.cache.get('k')).toBeUndefined()
    expect(await one.cache.getOrSet('k', () => 'new', tagged('x'))).toBe('new')
    expect(await two.cache.get('k')).toBe('new')
  })

  test('in its own process nobody who asks later joins a load from before', async () => {
    const world = new World()
    const { cache } = world.start()
    const held = heldLoader<string>()
    const before = cache.getOrSet('k', held.load, tagged('x'))
    await world.clock.advance(10)
    await cache.invalidateTags(['x'])
    const after = cache.getOrSet('k', () => 'new', tagged('x'))
    await world.clock.advance(10)
    held.resolve('old')
    expect(await before).toBe('old')
    expect(await world.clock.until(after)).toBe('new')
  })

  test('a value loaded elsewhere under an older version is not taken by who waited for it', async () => {
    const world = new World()
    const [one, two] = world.startMany(2) as [
      ReturnType<World['start']>,
      ReturnType<World['start']>,
    ]
    const held = heldLoader<string>()
    const before = one.cache.getOrSet('k', held.load, tagged('x'))
    await world.clock.advance(10)
    await one.cache.invalidateTags(['x'])
    const after = two.cache.getOrSet('k', () => 'new', tagged('x'))
    await world.clock.advance(10)
    held.resolve('old')
    expect(await before).toBe('old')
    expect(await world.clock.until(after)).toBe('new')
  })

  test('a manual load knows its tags before the caller looks at anything', async () => {
    const { one, two } = await filled(async () => {})
    await using lease = await one.cache.lease('k', tagged('x'))
    expect(lease.owner).toBe(true)
    await two.cache.invalidateTags(['x'])
    await lease.commit('old')
    expect(await two.cache.get('k')).toBeUndefined()
  })

  test('makes a held optimistic value a conflict, and of a new one nothing', async () => {
    const { one, two } = await filled((cache) => cache.set('k', 'old', tagged('x')))
    const held = await two.cache.optimistic<string>('k', tagged('x'))
    expect(held.value).toBe('old')
    await held.cas('mine')
    expect(await one.cache.get('k')).toBe('mine')
    await one.cache.invalidateTags(['x'])
    expect(await failureOf(held.cas('mine too'))).toMatchObject({ code: 'CONFLICT' })
    expect(await two.cache.get('k')).toBeUndefined()
    const anew = await two.cache.optimistic<string>('k', tagged('x'))
    expect(anew.value).toBeUndefined()
    await anew.cas('new')
    expect(await one.cache.get('k')).toBe('new')
  })

  test('of no tags does nothing', async () => {
    const { one } = await filled(async () => {})
    await one.cache.invalidateTags([])
    expect(one.link.sent).toEqual([])
  })

  test('rejects when the store does not answer, and those who read then have no value', async () => {
    const { world, one, two } = await filled((cache) => cache.set('k', 1, tagged('x')))
    one.link.sever()
    const failed = failureOf(one.cache.invalidateTags(['x']))
    expect(await world.clock.until(failed)).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(await two.cache.get('k')).toBe(1)
    let reads = 0
    two.link.always((command) =>
      command === 'read' && ++reads % 2 === 0 ? { reject: new Error('LOADING') } : undefined,
    )
    expect(await two.cache.get('k')).toBeUndefined()
    expect(two.told().at(-1)).toBe('store-error')
  })
})

describe('tags', () => {
  test('may be names of parts, and are told apart as names are', async () => {
    const { one, two } = await filled((cache) =>
      cache.set('k', 1, { ...LONG, tags: [['user', 7], 'a:b', ['a', 'b'], '*'] }),
    )
    await two.cache.invalidateTags([['user', '7'], 'user7', ['a:b']])
    expect(await one.cache.get('k')).toBe(1)
    await two.cache.invalidateTags([['user', 7]])
    expect(await one.cache.get('k')).toBeUndefined()
  })

  test('of a cache are those of every entry that has none of its own', async () => {
    const world = new World()
    const { cache } = world.start({ tags: ['all'] })
    await cache.set('a', 1)
    await cache.set('b', 2, { tags: [] })
    await cache.invalidateTags(['all'])
    expect(await cache.getMany(['a', 'b'])).toEqual([undefined, 2])
  })

  test('belong to their namespace', async () => {
    const { one } = await filled((cache) => cache.set('k', 1, tagged('x')))
    const child = one.cache.namespace('sub')
    await child.set('k', 2, tagged('x'))
    await child.invalidateTags(['x'])
    expect(await one.cache.get('k')).toBe(1)
    expect(await child.get('k')).toBeUndefined()
  })

  test('of a memoized function are fixed, or made of its arguments', async () => {
    const world = new World()
    const { cache } = world.start()
    let calls = 0
    const fixed = cache.memoize(() => ++calls, { key: 'fixed', tags: ['x'] })
    const own = cache.memoize((id: number) => `${id} ${++calls}`, {
      key: 'own',
      tags: (id) => [['user', id]],
    })
    expect([await fixed(), await own(7), await own(8)]).toEqual([1, '7 2', '8 3'])
    await cache.invalidateTags([['user', 7]])
    expect([await fixed(), await own(7), await own(8)]).toEqual([1, '7 4', '8 3'])
    await cache.invalidateTags(['x'])
    expect([await fixed(), await own(7), await own.refresh(8)]).toEqual([5, '7 4', '8 6'])
    await cache.invalidateTags([['user', 8]])
    expect(await own(8)).toBe('8 7')
  })

  test('of a memoized stream', async () => {
    const world = new World()
    const { cache } = world.start()
    let calls = 0
    const rows = cache.memoizeIter(() => [++calls, ++calls], { key: 'rows', tags: ['x'] })
    const all = async () => {
      const items: number[] = []
      for await (const item of rows()) items.push(item)
      return items
    }
    expect([await all(), await all()]).toEqual([
      [1, 2],
      [1, 2],
    ])
    await cache.invalidateTags(['x'])
    expect(await all()).toEqual([3, 4])
  })

  test.each([
    ['no array', 'x'],
    ['an empty name', ['']],
    ['a name that is none', [7]],
    ['too many', Array.from({ length: 65 }, (_, i) => `t${i}`)],
  ])('that are %s are refused before anything is sent', async (_, tags) => {
    const { cache, link } = new World().start()
    const wrong = tags as string[]
    const calls = [
      () => cache.invalidateTags(wrong),
      async () => cache.set('k', 1, { tags: wrong }),
      () => cache.getOrSet('k', () => 1, { tags: wrong }),
      () => cache.getOrSetMany(['k'], () => [1], { tags: wrong }),
      () => cache.lease('k', { tags: wrong }),
      async () => cache.memoize(() => 1, { key: 'k', tags: wrong }),
      () => cache.memoize(() => 1, { key: 'k', tags: () => wrong })(),
      async () => new World().start({ tags: wrong }),
    ]
    for (const call of calls) expect(await failureOf(call())).toMatchObject(INVALID)
    expect(link.sent).toEqual([])
  })

  test('64 are not too many', async () => {
    const { cache } = new World().start()
    const tags = Array.from({ length: 64 }, (_, i) => `${i}-${'long'.repeat(60)}`)
    await cache.set('k', 1, { tags })
    expect(await cache.get('k')).toBe(1)
    await cache.invalidateTags([tags[63] as string])
    expect(await cache.get('k')).toBeUndefined()
  })
})
