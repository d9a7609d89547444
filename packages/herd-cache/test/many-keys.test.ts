import { describe, expect, test } from '@jest/globals'
import { failureOf, heldLoader, World } from './helpers/world.ts'

const TIMES = { ttl: 1000, grace: 500 } as const

describe('many keys', () => {
  test('are read by one command, in their order, misses included [C103]', async () => {
    const { cache, link, told } = new World().start()
    await cache.setMany([
      ['a', 1],
      [['b', 2], null],
    ])
    link.sent.length = 0
    const values = await cache.getMany(['nothing', ['b', 2], 'a', ['b', 2]])
    expect(values).toEqual([undefined, null, 1, null])
    expect(link.commands()).toEqual(['read'])
    expect(told()).toEqual(['miss', 'hit', 'hit', 'hit'])
  })

  test('are removed by one command, which counts them [C103]', async () => {
    const { cache, link } = new World().start()
    await cache.setMany([
      ['a', 1],
      ['b', 2],
    ])
    link.sent.length = 0
    expect(await cache.deleteMany(['a', 'nothing', 'b'])).toBe(2)
    expect(link.commands()).toEqual(['remove'])
    expect(await cache.getMany(['a', 'b'])).toEqual([undefined, undefined])
  })

  test('of which there are none cost nothing', async () => {
    const { cache, link } = new World().start()
    expect(await cache.getMany([])).toEqual([])
    expect(await cache.deleteMany([])).toBe(0)
    await cache.setMany([])
    expect(link.sent).toEqual([])
  })

  test('are set all or, if one has no stored form, none', async () => {
    const { cache, link } = new World().start()
    const setting = cache.setMany([
      ['a', 1],
      ['b', undefined],
    ])
    expect(await failureOf(setting)).toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(link.sent).toEqual([])
  })

  test('are set as they are at the call', async () => {
    const { cache } = new World().start()
    const row = { version: 1 }
    const setting = cache.setMany([['row', row]])
    row.version = 2
    await setting
    expect(await cache.get('row')).toEqual({ version: 1 })
  })

  test('of which one cannot be stored: the call rejects when all have been tried', async () => {
    const { cache, link } = new World().start()
    link.once('write', { reject: new Error('full') })
    const setting = cache.setMany([
      ['a', 1],
      ['b', 2],
    ])
    expect(await failureOf(setting)).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(await cache.getMany(['a', 'b'])).toEqual([undefined, 2])
  })

  test('are misses while the store is away, each with an event', async () => {
    const { cache, link, told } = new World().start()
    link.once('read', { reject: new Error('away') })
    expect(await cache.getMany(['a', 'b'])).toEqual([undefined, undefined])
    expect(told()).toEqual(['store-error', 'store-error'])
  })

  test('stale ones ask for the store’s time but once', async () => {
    const world = new World()
    const [setting, reading] = [world.start(TIMES), world.start(TIMES)]
    await setting.cache.setMany([
      ['a', 1],
      ['b', 2],
    ])
    await world.clock.advance(1200)
    expect(await reading.cache.getMany(['a', 'b'])).toEqual([undefined, undefined])
    expect(reading.link.commands()).toEqual(['read', 'lease'])
  })

  test('set or deleted: later callers do not join the loads of any of them', async () => {
    const world = new World()
    const { cache } = world.start()
    const held = heldLoader<string>()
    const old = ['a', 'b'].map((key) => cache.getOrSet(key, held.load))
    await world.clock.settle()
    await cache.deleteMany(['a', 'b'])
    expect(await cache.getOrSet('b', () => 'new')).toBe('new')
    expect(await cache.getOrSet('a', () => 'new')).toBe('new')
    held.resolve('old')
    void Promise.allSettled(old)
  })
})
