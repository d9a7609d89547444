import { describe, expect, test } from '@jest/globals'
import type { CacheEvent } from '../src/index.ts'
import { failed } from './helpers/failed-world.ts'
import { callers, failureOf, World } from './helpers/world.ts'

const STORE_MS = 250
const OPEN_MS = 2000

const states = (events: readonly CacheEvent[]) =>
  events.flatMap((event) => (event.type === 'breaker' ? [event.state] : []))

describe('the breaker', () => {
  test('opens after 5 failures in a row: then nobody waits for the store', async () => {
    const { world, cache, link, events } = await failed(5)
    expect(states(events)).toEqual(['open'])
    const sent = link.sent.length
    const startedAtMs = world.clock.elapsed
    expect(await cache.get('k')).toBeUndefined()
    expect(await cache.getOrSet('k', () => 'loaded')).toBe('loaded')
    const failures = await Promise.all([cache.set('k', 'v'), cache.delete('k')].map(failureOf))
    for (const { code } of failures) expect(code).toBe('STORE_UNAVAILABLE')
    expect(world.clock.elapsed).toBe(startedAtMs)
    expect(link.sent).toHaveLength(sent)
  })

  test('does not open for failures in one moment, nor for those with answers in between', async () => {
    const world = new World()
    const { cache, link, events } = world.start()
    link.always(() => ({ lose: 'request' }))
    await world.clock.until(Promise.all(callers(50, () => cache.get('k'))))
    link.always(undefined)
    await cache.get('k')
    for (let i = 0; i < 4; i++) {
      link.once('read', { reject: new Error('down') })
      await cache.get('k')
    }
    expect(states(events)).toEqual([])
  })

  test('lets one command try after a while, and the others when that was answered', async () => {
    const { world, cache, link, events } = await failed(5)
    await world.clock.advance(OPEN_MS * 1.25)
    const before = link.sent.length
    await world.clock.until(Promise.all(callers(10, () => cache.get('k'))))
    expect(link.sent.length - before).toBe(1)
    expect(states(events)).toEqual(['open', 'half-open', 'open'])
    link.always(undefined)
    await world.clock.advance(OPEN_MS * 1.25)
    await cache.set('k', 'v')
    expect(await cache.get('k')).toBe('v')
    expect(states(events).slice(3)).toEqual(['half-open', 'closed'])
  })

  test('does not close for a late answer to what was sent before', async () => {
    const { world, cache, link, events } = await failed(4)
    link.always(undefined)
    link.once('read', { replyMs: STORE_MS + 10 })
    link.once('read', { replyMs: STORE_MS - 1 })
    const slow = cache.get('a')
    await world.clock.advance(20)
    const inTime = cache.get('b')
    await world.clock.until(slow)
    expect(states(events)).toEqual(['open'])
    await world.clock.until(inTime)
    expect(states(events)).toEqual(['open'])
  })

  test('can be switched off', async () => {
    const { cache, link, events } = await failed(20, { breaker: false })
    expect(states(events)).toEqual([])
    link.always(undefined)
    await cache.set('k', 'v')
    expect(await cache.get('k')).toBe('v')
  })

  test.each([{ failures: 0 }, { maxLoads: 1.5 }, { openFor: 'soon' }, { microTtl: -1 }])(
    'of %j is refused',
    (breaker) => {
      expect(() => new World().start({ breaker: breaker as object })).toThrow(/breaker/)
    },
  )
})
