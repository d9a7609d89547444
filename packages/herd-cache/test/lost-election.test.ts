import { describe, expect, test } from '@jest/globals'
import type { LoadLeaseRequest } from '@locks/core'
import type { Fault } from './helpers/store-link.ts'
import { heldLoader, slowLoader, stored, World } from './helpers/world.ts'

const STORE_MS = 250

describe('an election whose reply was lost', () => {
  test.each<Fault>([{ lose: 'reply' }, { replyMs: 1000 }])(
    '%j: the value is stored',
    async (fault) => {
      const world = new World()
      const [one, two] = [world.start(), world.start()]
      one.link.once('lease', fault)
      const load = slowLoader(world.clock, 2000, 'v')
      const first = one.cache.getOrSet('k', load)
      await world.clock.settle()
      const second = two.cache.getOrSet('k', load)
      expect(await world.clock.until(Promise.all([first, second]))).toEqual(['v', 'v'])
      expect(load.calls).toBe(1)
      expect(one.events.at(-1)).toMatchObject({ type: 'loaded', committed: true })
      expect(await two.cache.get('k')).toBe('v')
    },
  )

  test('holds nobody up: it is given up, and another token is elected', async () => {
    const world = new World()
    const { cache, link } = world.start()
    link.once('lease', { lose: 'reply' })
    const loader = heldLoader<string>()
    const value = cache.getOrSet('k', loader.load)
    await world.clock.advance(STORE_MS)
    await world.clock.settle()
    expect(link.commands()).toEqual(['read', 'lease', 'fail', 'lease'])
    const [first, second] = link.sentOf('lease').map(({ request }) => request as LoadLeaseRequest)
    expect(second?.token).not.toBe(first?.token)
    loader.resolve('v')
    expect(await value).toBe('v')
    expect(await cache.get('k')).toBe('v')
  })

  test('stores nothing when it is granted once more, behind a delete', async () => {
    const world = new World()
    const [loading, deleting] = [world.start(), world.start()]
    loading.link.once('lease', { lose: 'reply' })
    const loader = heldLoader<string>()
    const value = loading.cache.getOrSet('k', loader.load)
    await world.clock.advance(STORE_MS)
    await world.clock.settle()
    await deleting.cache.delete('k')
    // As by a client that sends again what was not answered.
    const [sent] = loading.link.sentOf('lease')
    expect(await deleting.link.lease(sent?.request as LoadLeaseRequest)).toMatchObject({
      state: 'won',
    })
    loader.resolve('old')
    expect(await value).toBe('old')
    expect(world.store.entry(stored('k'))).toBeUndefined()
  })

  test('is told from another’s: who was not elected waits for the load', async () => {
    const world = new World()
    const [elected, other] = [world.start(), world.start()]
    const loader = heldLoader<string>()
    const first = elected.cache.getOrSet('k', loader.load)
    await world.clock.settle()
    other.link.once('lease', { lose: 'reply' })
    const second = other.cache.getOrSet('k', () => 'own')
    await world.clock.advance(STORE_MS)
    loader.resolve('v')
    expect(await world.clock.until(Promise.all([first, second]))).toEqual(['v', 'v'])
  })

  test('while the store answers no election, this process loads for itself after two of them', async () => {
    const world = new World()
    const { cache, link } = world.start()
    link.always((sent) => (sent === 'lease' ? { lose: 'reply' } : undefined))
    expect(await world.clock.until(cache.getOrSet('k', () => 'own'))).toBe('own')
    expect(link.commands()).toEqual(['read', 'lease', 'fail', 'lease', 'fail'])
    expect(world.store.entry(stored('k'))).toBeUndefined()
  })
})
