import { describe, expect, test } from '@jest/globals'
import { stored, World } from './helpers/world.ts'

const undefinedTimes = { ttl: undefined, grace: undefined }

describe('times', () => {
  test.each([
    ['the default: 60 s and 1 s', {}, {}, 60_000, 1000],
    ['half of a short ttl', { ttl: 500 }, {}, 500, 250],
    ['of the cache', { ttl: '2s', grace: '3s' }, {}, 2000, 3000],
    ['of the call', { ttl: '2s', grace: '3s' }, { ttl: '4s', grace: 0 }, 4000, 0],
    ['of the cache where the call says nothing', { ttl: '2s' }, { grace: 100 }, 2000, 100],
    [
      'of the cache where the call says undefined',
      { ttl: '2s', grace: 10 },
      undefinedTimes,
      2000,
      10,
    ],
    ['a year', { ttl: '365d', grace: '365d' }, {}, 31_536_000_000, 31_536_000_000],
  ])('%s', async (_, ofCache, ofCall, ttlMs, graceMs) => {
    const world = new World()
    const { cache } = world.start(ofCache as never)
    for (const key of ['set', 'loaded']) {
      if (key === 'set') await cache.set(key, 'v', ofCall as never)
      else await cache.getOrSet(key, () => 'v', ofCall as never)
      const startedAtMs = world.clock.elapsed
      await world.clock.advance(ttlMs - 1)
      expect(await cache.get(key)).toBe('v')
      await world.clock.advance(1)
      expect(await cache.get(key)).toBeUndefined()
      await world.clock.advance(startedAtMs + ttlMs + graceMs - 1 - world.clock.elapsed)
      if (graceMs > 0) expect(world.store.entry(stored(key))).toBeDefined()
      await world.clock.advance(1)
      expect(world.store.entry(stored(key))).toBeUndefined()
    }
  })
})
