import { describe, expect, test } from '@jest/globals'
import { filled, LONG, tagged } from '../helpers/tagged.ts'
import { failureOf, World } from '../helpers/world.ts'

const INVALID = { code: 'INVALID_ARGUMENT' }

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
