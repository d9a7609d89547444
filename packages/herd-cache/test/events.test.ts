import { describe, expect, jest, test } from '@jest/globals'
import type { CacheEvent } from '../src/index.ts'
import { callers, failureOf, heldLoader, slowLoader, stored, World } from './helpers/world.ts'

const key = stored('k')

describe('events', () => {
  test('of a miss and its load', async () => {
    const world = new World()
    const { cache, events } = world.start()
    await world.clock.until(cache.getOrSet('k', slowLoader(world.clock, 200, 'v')))
    expect(events).toEqual([
      { type: 'miss', key },
      { type: 'loaded', key, loadMs: 200, committed: true },
    ])
  })

  test('of hits: one for all who share a read', async () => {
    const world = new World()
    const { cache, events } = world.start({ ttl: 1000, grace: 500 })
    await cache.set('k', 'v')
    expect(events).toEqual([])
    await cache.get('k')
    await Promise.all(callers(10, () => cache.getOrSet('k', () => 'x')))
    await world.clock.advance(1000)
    await cache.getOrSet('k', () => 'new')
    expect(events).toEqual([
      { type: 'hit', key, state: 'fresh' },
      { type: 'hit', key, state: 'fresh' },
      { type: 'hit', key, state: 'stale' },
    ])
  })

  test('of a get that finds nothing, or nothing fresh', async () => {
    const world = new World()
    const { cache, events } = world.start({ ttl: 1000, grace: 500 })
    await cache.get('k')
    await cache.set('k', 'v')
    await world.clock.advance(1000)
    await cache.get('k')
    expect(events).toEqual([
      { type: 'miss', key },
      { type: 'miss', key },
    ])
  })

  test('of a load that fails, and of a refresh that does', async () => {
    const world = new World()
    const { cache, events } = world.start({ ttl: 1000, grace: 500 })
    const error = new Error('no')
    await failureOf(cache.getOrSet('k', () => Promise.reject(error)))
    await cache.set('k', 'v')
    await world.clock.advance(1000)
    await cache.getOrSet('k', () => Promise.reject(error))
    await world.clock.settle()
    expect(events.slice(1)).toEqual([
      { type: 'load-failed', key, error },
      { type: 'hit', key, state: 'stale' },
      { type: 'load-failed', key, error },
    ])
  })

  test('of a value that was fenced off', async () => {
    const world = new World()
    const { cache, events } = world.start()
    const loader = heldLoader<string>()
    const value = cache.getOrSet('k', loader.load)
    await world.clock.settle()
    await cache.delete('k')
    loader.resolve('v')
    await value
    expect(events.slice(1)).toEqual([
      { type: 'fenced', key },
      { type: 'loaded', key, loadMs: 0, committed: false },
    ])
  })

  test('of a value that cannot be stored', async () => {
    const { cache, link, events } = new World().start()
    await cache.getOrSet('k', () => 1n)
    link.once('commit', { reject: new Error('OOM') })
    await cache.getOrSet('k', () => 'v')
    await cache.getOrSet('undefined', () => undefined)
    expect(events).toEqual([
      { type: 'miss', key },
      { type: 'unserializable', key, error: expect.any(TypeError) },
      { type: 'loaded', key, loadMs: 0, committed: false },
      { type: 'miss', key },
      { type: 'store-error', key, error: expect.objectContaining({ code: 'STORE_UNAVAILABLE' }) },
      { type: 'loaded', key, loadMs: 0, committed: false },
      { type: 'miss', key: stored('undefined') },
      { type: 'loaded', key: stored('undefined'), loadMs: 0, committed: false },
    ])
  })

  test('of a process that waits for another: the miss only', async () => {
    const world = new World()
    const [loading, waiting] = [world.start(), world.start()]
    const load = slowLoader(world.clock, 200, 'v')
    const calls = [loading, waiting].map(({ cache }) => cache.getOrSet('k', load))
    await world.clock.until(Promise.all(calls))
    expect([loading.told(), waiting.told()].sort()).toEqual([['miss'], ['miss', 'loaded']])
  })

  test('of a deadline that has passed', async () => {
    const world = new World()
    const { cache, link, events } = world.start()
    link.once('read', { lose: 'reply' })
    await world.clock.until(cache.get('k'))
    expect(events).toEqual([
      {
        type: 'store-error',
        key,
        error: expect.objectContaining({ message: 'the store did not answer within 250 ms' }),
      },
    ])
  })
})

describe('a listener that throws', () => {
  test('costs nobody a value, a lease or an error, and is told of by a warning', async () => {
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const world = new World()
    const told: CacheEvent['type'][] = []
    const onEvent = (event: CacheEvent) => {
      told.push(event.type)
      throw new Error('listener')
    }
    const { cache, link } = world.start({ ttl: 1000, grace: '1h', lease: 3000, onEvent })
    link.once('renew', { reject: new Error('down') })
    const load = slowLoader(world.clock, 4000, 'v')
    expect(await world.clock.until(cache.getOrSet('k', load))).toBe('v')
    expect(await cache.get('k')).toBe('v')
    await world.clock.advance(1200)
    expect(await cache.getOrSet('k', () => 'new')).toBe('v')
    await world.clock.settle()
    expect(await cache.get('k')).toBe('new')
    const error = new Error('no')
    expect(await failureOf(cache.getOrSet('other', () => Promise.reject(error)))).toBe(error)
    expect(world.store.holder(stored('other'))).toBeUndefined()
    expect(told).toEqual([
      ...['miss', 'store-error', 'loaded', 'hit', 'hit', 'loaded', 'hit'],
      ...['miss', 'load-failed'],
    ])
    expect(warned).toHaveBeenCalledTimes(told.length)
    warned.mockRestore()
  })
})
