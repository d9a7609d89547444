import { expect, test } from '@jest/globals'
import { manualClock } from '@locks/core/testing'
import { memoryStore } from '@locks/memory'
import { HerdCache } from '../src/index.ts'

const start = () => {
  const clock = manualClock()
  return { clock, cache: new HerdCache({ store: memoryStore({ clock }), namespace: 'ttl', clock }) }
}

test('[C111] setting anew ends the old ttl, also after a clear', async () => {
  const { clock, cache } = start()
  for (const between of [async () => {}, () => cache.clear()]) {
    await cache.set('k', 'old', { ttl: 1000, grace: 0 })
    await clock.until(between())
    await cache.set('k', 'new', { ttl: '1h' })
    await clock.advance(2000)
    expect(await cache.get('k')).toBe('new')
  }
})

test('[C111] nobody is elected to add what is there, and one where it has ended', async () => {
  const { clock, cache } = start()
  await cache.set('k', 'old', { ttl: 1000, grace: 0 })
  expect((await cache.lease('k')).owner).toBe(false)
  await clock.advance(2000)
  await using added = await cache.lease('k')
  expect(added.owner).toBe(true)
  expect((await cache.lease('k')).owner).toBe(false)
  expect(await added.commit('new')).toBe(true)
  expect(await cache.get('k')).toBe('new')
})

test('[C111] to expire without a grace is to end it, and what is not there is told', async () => {
  const { cache } = start()
  expect(await cache.expire('k')).toBe(false)
  await cache.set('k', 'v', { ttl: '1h' })
  expect(await cache.expire('k', { grace: 0 })).toBe(true)
  expect(await cache.getEntry('k')).toBeUndefined()
})
