import { describe, expect, test } from '@jest/globals'
import { heldLoader, slowLoader, stored, type TestProcess, World } from './helpers/world.ts'

/** A process in the middle of a load, and who changes the key meanwhile. */
async function duringLoad(change: (world: World, loading: TestProcess) => Promise<unknown>) {
  const world = new World()
  const loading = world.start()
  const loader = heldLoader<string>()
  const value = loading.cache.getOrSet('k', loader.load)
  await world.clock.settle()
  await change(world, loading)
  return { world, loading, loader, value }
}

const inSameProcess = {
  delete: (_: World, { cache }: TestProcess) => cache.delete('k'),
  set: (_: World, { cache }: TestProcess) => cache.set('k', 'set'),
}
const inAnother = {
  delete: (world: World) => world.start().cache.delete('k'),
  set: (world: World) => world.start().cache.set('k', 'set'),
}

describe.each([
  ['in the same process', inSameProcess],
  ['in another process', inAnother],
])('a change during a load, %s', (_, change) => {
  test('delete: the load’s callers get its value, nothing is stored', async () => {
    const { world, loading, loader, value } = await duringLoad(change.delete)
    loader.resolve('old')
    expect(await value).toBe('old')
    expect(world.store.entry(stored('k'))).toBeUndefined()
    expect(loading.told().slice(-2)).toEqual(['fenced', 'loaded'])
    expect(loading.events.at(-1)).toMatchObject({ committed: false })
    expect(await loading.cache.get('k')).toBeUndefined()
    expect(await loading.cache.getOrSet('k', () => 'new')).toBe('new')
  })

  test('delete: who comes after it elsewhere loads anew and never gets the old value', async () => {
    const { world, loader, value } = await duringLoad(change.delete)
    const later = world.start()
    expect(await later.cache.getOrSet('k', () => 'new')).toBe('new')
    loader.resolve('old')
    expect(await value).toBe('old')
    expect(await later.cache.get('k')).toBe('new')
    expect(await later.cache.getOrSet('k', () => 'newer')).toBe('new')
  })

  test('delete: those who waited elsewhere load anew, once', async () => {
    const world = new World()
    const [loading, ...waiting] = [world.start(), ...world.startMany(3)]
    const loader = heldLoader<string>()
    const old = loading.cache.getOrSet('k', loader.load)
    await world.clock.settle()
    const load = slowLoader(world.clock, 100, 'new')
    const calls = waiting.map(({ cache }) => cache.getOrSet('k', load))
    await world.clock.settle()
    await change.delete(world, loading)
    expect(await world.clock.until(Promise.all(calls))).toEqual(['new', 'new', 'new'])
    expect(load.calls).toBe(1)
    loader.resolve('old')
    expect(await old).toBe('old')
    expect(await loading.cache.get('k')).toBe('new')
  })

  test('set: the set value wins, the load’s callers get theirs [C108]', async () => {
    const { world, loading, loader, value } = await duringLoad(change.set)
    loader.resolve('old')
    expect(await value).toBe('old')
    expect(await loading.cache.get('k')).toBe('set')
    expect(await world.start().cache.getOrSet('k', () => 'new')).toBe('set')
    expect(loading.told()).toContain('fenced')
  })

  test('set: those who waited elsewhere get the set value', async () => {
    const { world, loader, value } = await duringLoad(async (current, loading) => {
      const waiter = current.start().cache.getOrSet('k', () => 'not asked')
      await current.clock.settle()
      await change.set(current, loading)
      expect(await current.clock.until(waiter)).toBe('set')
    })
    loader.resolve('old')
    expect(await value).toBe('old')
    expect(await world.start().cache.get('k')).toBe('set')
  })

  test('a failing load does not disturb what was set meanwhile', async () => {
    const { world, loading, loader, value } = await duringLoad(change.set)
    loader.reject(new Error('no'))
    await expect(value).rejects.toThrow('no')
    expect(await loading.cache.get('k')).toBe('set')
    expect(world.store.holder(stored('k'))).toBeUndefined()
  })
})

describe('after a delete in this process', () => {
  test('later callers do not join the older load', async () => {
    const { loading, loader, value } = await duringLoad(inSameProcess.delete)
    expect(await loading.cache.getOrSet('k', () => 'new')).toBe('new')
    loader.resolve('old')
    expect(await value).toBe('old')
    expect(await loading.cache.get('k')).toBe('new')
  })

  test('and after a set, later callers get what was set', async () => {
    const { loading, loader, value } = await duringLoad(inSameProcess.set)
    expect(await loading.cache.getOrSet('k', () => 'new')).toBe('set')
    loader.resolve('old')
    expect(await value).toBe('old')
  })

  test('later callers do not share a read from before it', async () => {
    const world = new World()
    const { cache, link } = world.start()
    await cache.set('k', 'old')
    link.once('read', { replyMs: 100 })
    const before = cache.getOrSet('k', () => 'not asked')
    await world.clock.settle()
    await cache.delete('k')
    expect(await cache.getOrSet('k', () => 'new')).toBe('new')
    expect(await world.clock.until(before)).toBe('old')
    expect(await cache.get('k')).toBe('new')
  })

  test('a stale value read before it leads to no older value', async () => {
    const world = new World()
    const { cache, link } = world.start({ ttl: 1000, grace: 1000 })
    await cache.set('k', 'old')
    await world.clock.advance(1500)
    link.once('read', { replyMs: 100 })
    const before = cache.getOrSet('k', () => 'refreshed')
    await world.clock.settle()
    await cache.delete('k')
    expect(await world.clock.until(before)).toBe('old')
    await world.clock.settle()
    expect(await cache.get('k')).toBe('refreshed')
  })

  test('a refresh from before it stores nothing, and does not block the next [C108]', async () => {
    const world = new World()
    const { cache } = world.start({ ttl: 1000, grace: 1000 })
    await cache.set('k', 'v1')
    await world.clock.advance(1500)
    const refresh = heldLoader<string>()
    expect(await cache.getOrSet('k', refresh.load)).toBe('v1')
    await world.clock.settle()
    expect(refresh.calls).toBe(1)
    await cache.delete('k')
    await cache.set('k', 'v2')
    await world.clock.advance(1500)
    expect(await cache.getOrSet('k', () => 'v3')).toBe('v2')
    await world.clock.settle()
    expect(await cache.get('k')).toBe('v3')
    refresh.resolve('v1 again')
    await world.clock.settle()
    expect(await cache.get('k')).toBe('v3')
  })

  test('P8: no read of any process returns the old value, whatever was under way', async () => {
    const world = new World()
    const [one, two, three] = [world.start(), world.start(), world.start()]
    await one.cache.set('k', 'old')
    const reading = [two.cache.get('k'), three.cache.getOrSet('k', () => 'old')]
    const held = one.link.hold('remove')
    const deleted = one.cache.delete('k')
    await held.arrived
    held.release()
    expect(await deleted).toBe(true)
    for (const { cache } of [one, two, three]) expect(await cache.get('k')).toBeUndefined()
    await Promise.all(reading)
    for (const { cache } of [one, two, three]) expect(await cache.get('k')).toBeUndefined()
  })
})

describe('delete', () => {
  test('says whether there was a value', async () => {
    const { cache } = new World().start()
    expect(await cache.delete('k')).toBe(false)
    await cache.set('k', 'v')
    expect(await cache.delete('k')).toBe(true)
    expect(await cache.delete('k')).toBe(false)
  })

  test('of one key leaves the loads of others alone', async () => {
    const { world, loading, loader, value } = await duringLoad((_, { cache }) => cache.delete('x'))
    loader.resolve('v')
    expect(await value).toBe('v')
    expect(await loading.cache.get('k')).toBe('v')
    expect(world.store.holder(stored('k'))).toBeUndefined()
  })
})

describe('a lease that was granted late', () => {
  test('lets no load pass that began before it: a delete in between counts', async () => {
    const world = new World()
    const [late, other] = [world.start(), world.start()]
    await other.cache.set('k', 'old')
    await other.cache.delete('k')
    // The first command of a process cannot say when it is too late, and this one waits in a queue.
    late.link.once('lease', { requestMs: 1000 })
    const loader = heldLoader<string>()
    const value = late.cache.getOrSet('k', loader.load)
    await world.clock.advance(900)
    expect(loader.calls).toBe(1)
    await other.cache.delete('k')
    await world.clock.advance(200)
    expect(world.store.holder(stored('k'))).toBeDefined()
    loader.resolve('old')
    expect(await value).toBe('old')
    expect(await other.cache.get('k')).toBeUndefined()
  })

  test('is refused once the store’s time is known', async () => {
    const world = new World()
    const { cache, link } = world.start()
    await cache.set('another', 'v')
    link.once('lease', { requestMs: 1000 })
    link.once('lease', { reject: new Error('down') })
    const loader = heldLoader<string>()
    const value = cache.getOrSet('k', loader.load)
    await world.clock.advance(2000)
    expect(world.store.holder(stored('k'))).toBeUndefined()
    loader.resolve('v')
    expect(await value).toBe('v')
  })
})
