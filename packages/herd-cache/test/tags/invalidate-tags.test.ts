import { describe, expect, test } from '@jest/globals'
import { filled, LONG, tagged } from '../helpers/tagged.ts'
import { failureOf, heldLoader, slowLoader, World } from '../helpers/world.ts'

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
