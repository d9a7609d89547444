import { describe, expect, test } from '@jest/globals'
import { heldLoader, slowLoader, stored, World } from './helpers/world.ts'

const LEASE_MS = 5000

describe('a lease', () => {
  test('is renewed while the loader runs: 3 leases long is still 1 load [C87]', async () => {
    const world = new World()
    const processes = world.startMany(3, { lease: LEASE_MS })
    const load = slowLoader(world.clock, 3 * LEASE_MS, 'v')
    const calls = processes.map(({ cache }) => cache.getOrSet('k', load))
    expect(await world.clock.until(Promise.all(calls))).toEqual(['v', 'v', 'v'])
    expect(load.calls).toBe(1)
    const renewals = processes.map(({ link }) => link.count('renew'))
    // Each third of a lease, and none any more when the ninth falls due with the end of the load.
    expect(renewals.filter((count) => count > 0)).toEqual([expect.any(Number)])
    expect(Math.max(...renewals)).toBeGreaterThanOrEqual(8)
  })

  test('is not renewed by a load that ends within a third of it', async () => {
    const world = new World()
    const { cache, link } = world.start({ lease: 3000 })
    await world.clock.until(cache.getOrSet('k', slowLoader(world.clock, 999, 'v')))
    await world.clock.advance(60_000)
    expect(link.count('renew')).toBe(0)
  })

  test('survives renewals that fail: they are repeated long before it ends', async () => {
    const world = new World()
    const [loading, waiting] = [world.start(), world.start()]
    loading.link.once('renew', { lose: 'request' })
    for (let i = 0; i < 3; i++) loading.link.once('renew', { reject: new Error('down') })
    const load = slowLoader(world.clock, 3 * LEASE_MS, 'v')
    const calls = [loading, waiting].map(({ cache }) => cache.getOrSet('k', load))
    expect(await world.clock.until(Promise.all(calls))).toEqual(['v', 'v'])
    expect(load.calls).toBe(1)
    expect(loading.told()).toEqual([...['miss', ...Array(4).fill('store-error')], 'loaded'])
  })

  test('is asked for less and less often while the store stays away', async () => {
    const world = new World()
    const { cache, link } = world.start({ lease: 3000 })
    const value = cache.getOrSet('k', slowLoader(world.clock, 60_000, 'v'))
    await world.clock.advance(10)
    link.always(() => ({ reject: new Error('down') }))
    expect(await world.clock.until(value)).toBe('v')
    // At least a twelfth of a lease apart, once it has failed a few times.
    expect(link.count('renew')).toBeLessThan((60_000 / 3000) * 12)
  })

  test('is not renewed any more once it is somebody else’s', async () => {
    const world = new World()
    const { cache, link } = world.start({ lease: 3000 })
    const value = cache.getOrSet('k', slowLoader(world.clock, 30_000, 'v'))
    await world.clock.advance(10)
    await world.start().cache.delete('k')
    expect(await world.clock.until(value)).toBe('v')
    expect(link.count('renew')).toBe(1)
  })
})

describe('a process that dies while it loads', () => {
  test('is taken over at the end of its lease: not before, and by one [C94]', async () => {
    const world = new World()
    const [dying, others] = [world.start(), world.startMany(4)]
    void dying.cache.getOrSet('k', heldLoader<string>().load)
    await world.clock.settle()
    dying.link.sever()
    const load = slowLoader(world.clock, 100, 'v')
    const calls = others.map(({ cache }) => cache.getOrSet('k', load))
    expect(await world.clock.until(Promise.all(calls))).toEqual(Array(4).fill('v'))
    expect(load.calls).toBe(1)
    expect(load.startedAtMs[0]).toBeGreaterThanOrEqual(LEASE_MS)
    expect(load.startedAtMs[0]).toBeLessThanOrEqual(LEASE_MS + 2)
  })

  test('after some renewals holds others up for one lease from the last of them', async () => {
    const world = new World()
    const [dying, other] = [world.start({ lease: 3000 }), world.start({ lease: 3000 })]
    void dying.cache.getOrSet('k', heldLoader<string>().load)
    await world.clock.advance(2500)
    expect(dying.link.count('renew')).toBe(2)
    dying.link.sever()
    const load = slowLoader(world.clock, 0, 'v')
    expect(await world.clock.until(other.cache.getOrSet('k', load))).toBe('v')
    expect(load.startedAtMs[0]).toBeGreaterThanOrEqual(5000)
    expect(load.startedAtMs[0]).toBeLessThanOrEqual(5002)
  })

  test('and comes back finds its value fenced off, and gives it to its callers', async () => {
    const world = new World()
    const [cutOff, other] = [world.start({ breaker: false }), world.start()]
    const loader = heldLoader<string>()
    const late = cutOff.cache.getOrSet('k', loader.load)
    await world.clock.settle()
    cutOff.link.sever()
    expect(await world.clock.until(other.cache.getOrSet('k', () => 'new'))).toBe('new')
    cutOff.link.always(undefined)
    loader.resolve('old')
    expect(await late).toBe('old')
    expect(cutOff.told()).toContain('fenced')
    expect(await cutOff.cache.get('k')).toBe('new')
  })

  test('and comes back too late stores nothing, even if nobody took over', async () => {
    const world = new World()
    const { cache, link } = world.start()
    const loader = heldLoader<string>()
    const late = cache.getOrSet('k', loader.load)
    await world.clock.settle()
    link.sever()
    await world.clock.advance(LEASE_MS)
    link.always(undefined)
    loader.resolve('old')
    expect(await late).toBe('old')
    expect(world.store.entry(stored('k'))).toBeUndefined()
  })
})
