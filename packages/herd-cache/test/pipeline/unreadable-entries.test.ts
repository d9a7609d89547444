import { describe, expect, test } from '@jest/globals'
import { unreadable } from '../helpers/envelopes.ts'
import { stored, World } from '../helpers/world.ts'

describe('data that cannot be read', () => {
  test.each(unreadable)('$what: is a miss with an event', async ({ data, by }) => {
    const world = new World()
    const { cache, events } = world.start()
    world.store.plant(stored('k'), data)
    expect(await cache.get('k')).toBeUndefined()
    expect(events).toEqual([{ type: 'corrupt', key: stored('k'), by }])
  })

  test.each(unreadable)('$what: is replaced by one load for all processes', async ({ data }) => {
    const world = new World()
    const processes = world.startMany(3)
    world.store.plant(stored('k'), data)
    let loads = 0
    const load = async () => {
      loads++
      await new Promise<void>((resolve) => world.clock.after(200, resolve))
      return 'v'
    }
    const calls = processes.map(({ cache }) => cache.getOrSet('k', load))
    expect(await world.clock.until(Promise.all(calls))).toEqual(['v', 'v', 'v'])
    expect(loads).toBe(1)
    for (const { cache, told } of processes) {
      expect(told()).toContain('corrupt')
      expect(await cache.get('k')).toBe('v')
    }
  })

  test('is replaced by set, and removed by delete', async () => {
    const world = new World()
    const { cache } = world.start()
    world.store.plant(stored('k'), Buffer.from('other'))
    await cache.set('k', 'v')
    expect(await cache.get('k')).toBe('v')
    world.store.plant(stored('k'), Buffer.from('other'))
    expect(await cache.delete('k')).toBe(true)
  })

  test('stays when the loader fails: the error is the loader’s', async () => {
    const world = new World()
    const { cache } = world.start()
    world.store.plant(stored('k'), Buffer.from('other'))
    await expect(cache.getOrSet('k', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  })

  test('written while somebody waits for a load does not end the wait', async () => {
    const world = new World()
    const [loading, waiting] = [world.start(), world.start()]
    const load = async () => {
      await new Promise<void>((resolve) => world.clock.after(200, resolve))
      return 'v'
    }
    const first = loading.cache.getOrSet('k', load)
    await world.clock.settle()
    const second = waiting.cache.getOrSet('k', load)
    await world.clock.settle()
    world.store.plant(stored('k'), Buffer.from('other'))
    expect(await world.clock.until(Promise.all([first, second]))).toEqual(['v', 'v'])
    expect(await waiting.cache.get('k')).toBe('v')
  })
})
