import { describe, expect, test } from '@jest/globals'
import { decodeMark } from '../../src/tags/tag-mark.ts'
import { failureOf, heldLoader, type TestProcess, World } from '../helpers/world.ts'

const EVERYTHING = 'test:t1:{*}'
const two = (world: World) => world.startMany(2) as [TestProcess, TestProcess]

describe('clear', () => {
  test('ends every value of the namespace in every process, and of no other', async () => {
    const world = new World()
    const [one, other] = two(world)
    const child = one.cache.namespace('sub')
    await one.cache.setMany([
      ['a', 1],
      ['b', 2],
    ])
    await one.cache.set('tagged', 3, { tags: ['x'] })
    await child.set('a', 4)
    expect(await other.cache.getMany(['a', 'b', 'tagged'])).toEqual([1, 2, 3])
    await world.clock.until(one.cache.clear())
    for (const { cache } of [one, other]) {
      expect(await cache.getMany(['a', 'b', 'tagged'])).toEqual([undefined, undefined, undefined])
      expect(await cache.exists('a')).toBe(false)
      expect(await cache.getEntry('a')).toBeUndefined()
    }
    expect(await child.get('a')).toBe(4)
    await other.cache.set('a', 5)
    expect(await one.cache.get('a')).toBe(5)
  })

  test('leaves to the ttl what it has ended: a delete still counts it', async () => {
    const world = new World()
    const [one, other] = two(world)
    await one.cache.setMany([
      ['a', 1],
      ['b', 2],
    ])
    await world.clock.until(one.cache.clear())
    expect(await other.cache.deleteMany(['a', 'b', 'c'])).toBe(2)
    expect(await other.cache.delete('a')).toBe(false)
  })

  test('is over when nobody goes by what he has read before', async () => {
    const world = new World()
    const [one, other] = two(world)
    await one.cache.set('a', 1)
    // Reads at all times, until `clear` has resolved, and each time believes what it knows.
    let isOver = false
    const cleared = one.cache.clear().then(() => {
      isOver = true
    })
    const seen: unknown[] = []
    while (!isOver) {
      seen.push(await other.cache.get('a'))
      await world.clock.advance(1)
    }
    await cleared
    expect(seen).toContain(undefined)
    expect(await other.cache.get('a')).toBeUndefined()
    expect(await one.cache.get('a')).toBeUndefined()
  })

  test('counts its wait from when the store has it, not from the call', async () => {
    const world = new World()
    const [one, other] = two(world)
    await one.cache.set('a', 1)
    one.link.once('compareAndSet', { requestMs: 200 })
    let isOver = false
    const cleared = one.cache.clear().then(() => {
      isOver = true
    })
    await world.clock.advance(199)
    expect(await other.cache.get('a')).toBe(1)
    await world.clock.advance(50)
    expect(isOver).toBe(false)
    await world.clock.until(cleared)
    expect(await other.cache.get('a')).toBeUndefined()
  })

  test('voids a load that began before, and nobody joins it here afterwards', async () => {
    const world = new World()
    const { cache } = world.start()
    const held = heldLoader<string>()
    const before = cache.getOrSet('k', held.load)
    await world.clock.advance(10)
    await world.clock.until(cache.clear())
    const after = cache.getOrSet('k', () => 'new')
    await world.clock.advance(10)
    held.resolve('old')
    expect(await before).toBe('old')
    expect(await world.clock.until(after)).toBe('new')
    expect(await cache.get('k')).toBe('new')
  })

  test('keeps a stale value from being served', async () => {
    const world = new World()
    const { cache } = world.start({ ttl: 1000, grace: '1h' })
    await cache.set('k', 'old')
    await world.clock.advance(2000)
    await world.clock.until(cache.clear())
    expect(await cache.getOrSet('k', () => 'new')).toBe('new')
  })

  test('makes a held optimistic value a conflict', async () => {
    const world = new World()
    const [one, other] = two(world)
    await one.cache.set('k', 'old')
    const held = await other.cache.optimistic<string>('k')
    await world.clock.until(one.cache.clear())
    expect(await failureOf(held.cas('mine'))).toMatchObject({ code: 'CONFLICT' })
  })

  test('a value that was set before is not lost to one that was set long before', async () => {
    const world = new World()
    const [one, other] = two(world)
    await other.cache.set('k', 1)
    await world.clock.until(one.cache.clear())
    // What the other process knows is old by now: it asks before it stores.
    await other.cache.set('k', 2)
    expect(await one.cache.get('k')).toBe(2)
  })

  test('also where nothing was ever stored, or what was known is lost', async () => {
    const world = new World()
    const [one, other] = two(world)
    await one.cache.set('k', 1)
    delete world.store.state(EVERYTHING).entry
    await world.clock.until(one.cache.clear())
    expect(await other.cache.get('k')).toBeUndefined()
    await other.cache.set('k', 2)
    expect(await one.cache.get('k')).toBe(2)
    expect(decodeMark(world.store.entry(EVERYTHING)?.data ?? Buffer.of())).toBeDefined()
  })

  test('rejects when the store does not answer, and when the cache is closed', async () => {
    const world = new World()
    const [one, other] = two(world)
    one.link.sever()
    const failed = failureOf(one.cache.clear())
    expect(await world.clock.until(failed)).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    const cut = failureOf(other.cache.clear())
    await world.clock.advance(50)
    await other.cache.close()
    expect(await cut).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(await failureOf(other.cache.clear())).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(world.clock.armed).toEqual({ foreground: 0, background: 0 })
  })
})
