import { describe, expect, test } from '@jest/globals'
import { failed } from './helpers/failed-world.ts'
import { drained } from './helpers/streams.ts'
import { failureOf, heldLoader, slowLoader, stored, World } from './helpers/world.ts'

const STORE_MS = 250
const OPEN_MS = 2000

describe('without the store', () => {
  test('a value is there within one deadline, and serves its process for a moment', async () => {
    const world = new World()
    const { cache, link } = world.start()
    link.always(() => ({ lose: 'request' }))
    const load = slowLoader(world.clock, 10, 'v')
    expect(await world.clock.until(cache.getOrSet('k', load))).toBe('v')
    expect(world.clock.elapsed).toBe(STORE_MS + 10)
    for (let i = 0; i < 3; i++) expect(await world.clock.until(cache.getOrSet('k', load))).toBe('v')
    expect(load.calls).toBe(1)
    await world.clock.advance(1000)
    await world.clock.until(cache.getOrSet('k', load))
    expect(load.calls).toBe(2)
  })

  test('what was loaded is not served any more once the store answers', async () => {
    const world = new World()
    const { cache, link } = world.start({ breaker: { microTtl: '1h' } })
    link.always(() => ({ reject: new Error('down') }))
    await cache.getOrSet('k', () => 'old')
    link.always(undefined)
    await cache.get('another')
    link.always(() => ({ reject: new Error('down') }))
    expect(await cache.getOrSet('k', () => 'new')).toBe('new')
  })

  test('a stream is not served for a value of the same key, nor a value for a stream', async () => {
    const world = new World()
    const { cache, link } = world.start({ breaker: false })
    const key = () => 'k'
    const rows = cache.memoizeIter(() => [1, 2], { key })
    const value = cache.memoize(() => 'value', { key })
    link.always((command) => (command === 'read' ? { reject: new Error('down') } : {}))
    expect(await drained(rows())).toEqual([1, 2])
    expect(await value()).toBe('value')
    expect(await world.clock.until(drained(rows()))).toEqual([1, 2])
  })

  test('what was loaded before a delete of this process is not served after it', async () => {
    const { world, cache } = await failed(5)
    await cache.getOrSet('kept', () => 'old')
    const loader = heldLoader<string>()
    const under = cache.getOrSet('loading', loader.load)
    await world.clock.settle()
    for (const key of ['kept', 'loading']) await failureOf(cache.delete(key))
    loader.resolve('old')
    expect(await under).toBe('old')
    expect(await cache.getOrSet('kept', () => 'new')).toBe('new')
    expect(await cache.getOrSet('loading', () => 'new')).toBe('new')
  })

  test('a load that goes on behind an old value is joined, but not after a delete', async () => {
    const world = new World()
    const options = { softTimeout: 50, breaker: { microTtl: 0 } }
    const { cache, link } = world.start(options)
    const kept = { ttl: 100, grace: 0, staleIfError: '1h' } as const
    await cache.set('k', 'old', kept)
    await world.clock.advance(200)
    link.always((command) => (command === 'read' ? {} : { lose: 'request' }))
    const behind = heldLoader<string>()
    expect(await world.clock.until(cache.getOrSet('k', behind.load, kept))).toBe('old')
    await world.clock.advance(2 * STORE_MS)
    expect(behind.calls).toBe(1)
    link.always(() => ({ lose: 'request' }))
    const joined = cache.getOrSet('k', behind.load, kept)
    await world.clock.advance(STORE_MS)
    expect(behind.calls).toBe(1)
    await world.clock.until(failureOf(cache.delete('k')))
    const after = cache.getOrSet('k', () => 'new', kept)
    expect(await world.clock.until(after)).toBe('new')
    behind.resolve('loaded')
    expect(await joined).toBe('loaded')
  })

  test('so many loaders run at once, the others wait, but no longer than a load may take', async () => {
    const { world, cache } = await failed(5, {
      breaker: { maxLoads: 3, openFor: '1h' },
      loaderTimeout: 1000,
    })
    let running = 0
    let most = 0
    const load = async () => {
      most = Math.max(most, ++running)
      await new Promise<void>((resolve) => world.clock.after(300, resolve))
      running--
      return 'v'
    }
    const calls = Array.from({ length: 12 }, (_, i) => cache.getOrSet(`b${i}`, load))
    const outcomes = await world.clock.until(Promise.allSettled(calls))
    expect(most).toBe(3)
    expect(outcomes.every(({ status }) => status === 'fulfilled')).toBe(true)
    const stuck = Array.from({ length: 4 }, (_, i) =>
      cache.getOrSet(`c${i}`, heldLoader<string>().load),
    )
    const failures = await world.clock.until(Promise.all(stuck.map(failureOf)))
    for (const { code } of failures) expect(code).toBe('LOAD_TIMEOUT')
    expect(await cache.getOrSet('again', () => 'v')).toBe('v')
  })
})

describe('what has failed during an outage', () => {
  const down = () => ({ lose: 'request' }) as const

  test('a delete is made good afterwards, without a call', async () => {
    const world = new World()
    const [one, two] = [world.start(), world.start()]
    await one.cache.set('k', 'old')
    one.link.always(down)
    await world.clock.until(failureOf(one.cache.delete('k')))
    expect(await two.cache.get('k')).toBe('old')
    await world.clock.advance(10_000)
    one.link.always(undefined)
    await world.clock.advance(OPEN_MS * 3)
    expect(await two.cache.get('k')).toBeUndefined()
    expect(one.events).toContainEqual({ type: 'replayed', keys: 1 })
    expect(world.clock.armed.background).toBe(0)
  })

  test('a set is made good as a delete: it restores nothing', async () => {
    const world = new World()
    const [one, two] = [world.start(), world.start()]
    await one.cache.set('k', 'old')
    one.link.always(down)
    await world.clock.until(failureOf(one.cache.set('k', 'of the outage')))
    await two.cache.set('other', 'v')
    one.link.always(undefined)
    await world.clock.advance(OPEN_MS * 3)
    expect(await two.cache.get('k')).toBeUndefined()
    expect(await two.cache.get('other')).toBe('v')
  })

  test('this process never reads what it has deleted, nor stores what it loaded before', async () => {
    const world = new World()
    const { cache, link } = world.start()
    await cache.set('read', 'old')
    const loader = heldLoader<string>()
    const under = cache.getOrSet('loading', loader.load)
    await world.clock.settle()
    link.once('remove', { lose: 'request' })
    await world.clock.until(failureOf(cache.deleteMany(['read', 'loading'])))
    loader.resolve('old')
    expect(await under).toBe('old')
    expect(world.store.entry(stored('loading'))).toBeUndefined()
    expect(await cache.get('read')).toBeUndefined()
    expect(world.store.entry(stored('read'))).toBeUndefined()
  })

  test('nor serves it from its own memory, though the store was not even asked', async () => {
    const world = new World()
    const { cache, link } = world.start({ l1: { max: 10, ttl: '1h' }, storeTimeout: 10 })
    await cache.set('k', 'old')
    expect(await cache.get('k')).toBe('old')
    link.always(down)
    for (let i = 0; i < 5; i++) await world.clock.until(cache.get(`other ${i}`))
    expect(await cache.get('k')).toBe('old')
    const sent = link.sent.length
    await failureOf(cache.delete('k'))
    expect(link.sent).toHaveLength(sent)
    expect(await cache.get('k')).toBeUndefined()
  })

  test('a set that works meanwhile stays', async () => {
    const world = new World()
    const { cache, link } = world.start()
    link.once('remove', { lose: 'request' })
    await world.clock.until(failureOf(cache.delete('k')))
    await cache.set('k', 'new')
    await world.clock.advance(10_000)
    expect(await cache.get('k')).toBe('new')
    expect(link.count('remove')).toBe(1)
  })

  test('a delete that fails while an earlier one is made good stays to be made good', async () => {
    const world = new World()
    const { cache, link } = world.start()
    link.once('remove', { lose: 'request' })
    await world.clock.until(failureOf(cache.delete('k')))
    link.once('remove', { replyMs: 200 })
    const read = cache.get('k')
    await world.clock.settle()
    link.once('remove', { reject: new Error('down') })
    await failureOf(cache.delete('k'))
    await world.clock.until(read)
    await world.start().cache.set('k', 'old')
    expect(await cache.get('k')).toBeUndefined()
  })

  test('is remembered for 10,000 keys; of more, the whole cache is cleared in their place', async () => {
    const world = new World()
    const { cache, link, events } = world.start()
    const keys = Array.from({ length: 10_001 }, (_, i) => `k${i}`)
    await cache.setMany([
      ['k0', 'old'],
      ['k10000', 'old'],
      ['another', 'old'],
    ])
    link.once('remove', { reject: new Error('down') })
    await failureOf(cache.deleteMany(keys))
    expect(events).toContainEqual({ type: 'replay-overflow', keys: 10_001 })
    await world.clock.advance(OPEN_MS * 1.25)
    const others = world.start().cache
    expect(await others.getMany(['k0', 'k10000', 'another'])).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect(link.sentOf('remove').at(-1)?.request).toHaveLength(1)
  })

  test('keeps no timer after the end of the cache', async () => {
    const { world, cache } = await failed(5)
    await failureOf(cache.delete('k'))
    expect(world.clock.armed.background).toBe(1)
    await cache.close()
    expect(world.clock.armed).toEqual({ foreground: 0, background: 0 })
  })
})
