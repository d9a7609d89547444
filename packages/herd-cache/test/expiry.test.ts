import { describe, expect, test } from '@jest/globals'
import { callers, heldLoader, slowLoader, stored, World } from './helpers/world.ts'

const TIMES = { ttl: 1000, grace: 500 } as const

describe('a fresh value', () => {
  test('costs exactly 1 read command, however many ask at once [C89]', async () => {
    const world = new World()
    const { cache, link } = world.start()
    await cache.set('k', 'v')
    link.sent.length = 0
    const never = slowLoader(world.clock, 0, 'x')
    await Promise.all(callers(100, () => cache.getOrSet('k', never)))
    expect(link.commands()).toEqual(['read'])
    expect(await cache.get('k')).toBe('v')
    expect(link.commands()).toEqual(['read', 'read'])
    expect(never.calls).toBe(0)
  })

  test('is one until ttl has passed, and not a millisecond longer', async () => {
    const world = new World()
    const { cache } = world.start(TIMES)
    await cache.set('k', 'v')
    await world.clock.advance(999)
    expect(await cache.get('k')).toBe('v')
    await world.clock.advance(1)
    expect(await cache.get('k')).toBeUndefined()
  })

  test('counts its ttl from the end of the load', async () => {
    const world = new World()
    const { cache } = world.start(TIMES)
    await world.clock.until(cache.getOrSet('k', slowLoader(world.clock, 5000, 'v')))
    await world.clock.advance(999)
    expect(await cache.get('k')).toBe('v')
    await world.clock.advance(1)
    expect(await cache.get('k')).toBeUndefined()
  })
})

describe('a stale value', () => {
  test('is served at once to all, in every process, and refreshed by exactly one [C106]', async () => {
    const world = new World()
    const processes = world.startMany(4, TIMES)
    await processes[0]?.cache.set('k', 'old')
    await world.clock.advance(1200)
    const load = slowLoader(world.clock, 100, 'new')
    const calls = processes.flatMap(({ cache }) => callers(25, () => cache.getOrSet('k', load)))
    expect(await Promise.all(calls)).toEqual(Array(100).fill('old'))
    await world.clock.advance(50)
    for (const { cache } of processes) expect(await cache.getOrSet('k', load)).toBe('old')
    await world.clock.advance(51)
    for (const { cache } of processes) expect(await cache.getOrSet('k', load)).toBe('new')
    expect(load.calls).toBe(1)
  })

  test('costs its reader 1 command; the refresh 2 more', async () => {
    const world = new World()
    const { cache, link } = world.start(TIMES)
    await cache.set('k', 'old')
    await world.clock.advance(1200)
    link.sent.length = 0
    expect(await cache.getOrSet('k', () => 'new')).toBe('old')
    await world.clock.settle()
    expect(link.commands()).toEqual(['read', 'lease', 'commit'])
  })

  test('is never returned by get, which starts no load either', async () => {
    const world = new World()
    const { cache, link, told } = world.start(TIMES)
    await cache.set('k', 'old')
    await world.clock.advance(1000)
    link.sent.length = 0
    expect(await cache.get('k')).toBeUndefined()
    await world.clock.settle()
    expect(link.commands()).toEqual(['read'])
    expect(told()).toEqual(['miss'])
  })

  test('is gone after ttl + grace: the caller waits for a new one [C107]', async () => {
    const world = new World()
    const { cache } = world.start(TIMES)
    await cache.set('k', 'old')
    await world.clock.advance(1499)
    expect(world.store.entry(stored('k'))).toBeDefined()
    await world.clock.advance(1)
    expect(world.store.entry(stored('k'))).toBeUndefined()
    const load = slowLoader(world.clock, 100, 'new')
    expect(await world.clock.until(cache.getOrSet('k', load))).toBe('new')
  })

  test('does not exist with grace 0', async () => {
    const world = new World()
    const { cache } = world.start({ ttl: 1000, grace: 0 })
    await cache.set('k', 'old')
    await world.clock.advance(999)
    expect(await cache.getOrSet('k', () => 'new')).toBe('old')
    await world.clock.advance(1)
    expect(await cache.getOrSet('k', () => 'new')).toBe('new')
  })

  test('outlives a refresh that fails, and is refreshed by the next try', async () => {
    const world = new World()
    const { cache, told } = world.start({ ttl: 1000, grace: '1h' })
    await cache.set('k', 'old')
    await world.clock.advance(1200)
    expect(await cache.getOrSet('k', () => Promise.reject(new Error('no')))).toBe('old')
    await world.clock.settle()
    expect(told()).toEqual(['hit', 'load-failed'])
    await world.clock.advance(1000)
    expect(await cache.getOrSet('k', () => 'new')).toBe('old')
    await world.clock.settle()
    expect(await cache.getOrSet('k', () => 'newer')).toBe('new')
  })

  test.each<[string, () => unknown]>([
    ['fails', () => Promise.reject(new Error('no'))],
    [
      'throws',
      () => {
        throw new Error('no')
      },
    ],
    ['has no value', () => undefined],
    ['has a value that cannot be serialized', () => 1n],
  ])('is not refreshed again and again by a loader that %s', async (_, load) => {
    const world = new World()
    const processes = world.startMany(3, { ttl: 1000, grace: '1h' })
    await processes[0]?.cache.set('k', 'old')
    await world.clock.advance(1200)
    let calls = 0
    const counted = () => {
      calls++
      return load()
    }
    for (let ms = 0; ms < 1000; ms++) {
      for (const { cache } of processes) {
        expect(await cache.getOrSet<unknown>('k', counted)).toBe('old')
      }
      await world.clock.advance(1)
    }
    // 3,000 stale hits; each process pauses for at least 50 ms after each try.
    expect(calls).toBeGreaterThan(1)
    expect(calls).toBeLessThanOrEqual(3 * 20)
  })

  test('is not refreshed again and again when the new value cannot be stored', async () => {
    const world = new World()
    const { cache, link } = world.start({ ttl: 1000, grace: '1h' })
    await cache.set('k', 'old')
    await world.clock.advance(1200)
    link.always((command) =>
      command === 'commit' ? { reject: new Error('too large') } : undefined,
    )
    const load = slowLoader(world.clock, 0, 'new')
    for (let ms = 0; ms < 1000; ms++) {
      expect(await cache.getOrSet('k', load)).toBe('old')
      await world.clock.advance(1)
    }
    expect(load.calls).toBeLessThanOrEqual(20)
  })

  test('makes a process ask for the lease but once while another refreshes', async () => {
    const world = new World()
    const [refreshing, asking] = [world.start({ ...TIMES, grace: '1h' }), world.start()]
    await world.clock.until(
      refreshing.cache.getOrSet('k', slowLoader(world.clock, 400, 'old'), TIMES),
    )
    await world.clock.advance(1200)
    await refreshing.cache.getOrSet('k', slowLoader(world.clock, 400, 'new'))
    await world.clock.settle()
    for (let ms = 0; ms < 200; ms++) {
      expect(await asking.cache.getOrSet('k', () => 'not asked')).toBe('old')
      await world.clock.advance(1)
    }
    // And once for the store's time, since this process has heard none before.
    expect(asking.link.count('lease')).toBe(1 + 1)
  })

  test('is refreshed again after a refresh that a crash has ended, one lease later', async () => {
    const world = new World()
    const [dying, other] = world.startMany(2, { ttl: 1000, grace: '1h' })
    await dying?.cache.set('k', 'old')
    await world.clock.advance(1200)
    expect(await dying?.cache.getOrSet('k', heldLoader<string>().load)).toBe('old')
    await world.clock.settle()
    dying?.link.sever()
    const startedAtMs = world.clock.elapsed
    const load = slowLoader(world.clock, 0, 'new')
    while (load.calls === 0) {
      expect(await other?.cache.getOrSet('k', load)).toBe('old')
      await world.clock.advance(10)
    }
    const waitedMs = (load.startedAtMs[0] ?? 0) - startedAtMs
    expect(waitedMs).toBeGreaterThanOrEqual(5000)
    expect(waitedMs).toBeLessThanOrEqual(5000 + 100)
  })

  test('deleted elsewhere before its refresh is elected does no harm', async () => {
    const world = new World()
    const [reader, deleter] = [world.start(TIMES), world.start(TIMES)]
    await reader.cache.set('k', 'old')
    await world.clock.advance(1200)
    const held = reader.link.hold('lease')
    expect(await reader.cache.getOrSet('k', () => 'new')).toBe('old')
    await held.arrived
    await deleter.cache.delete('k')
    held.release()
    await world.clock.settle()
    expect(await deleter.cache.get('k')).toBe('new')
  })

  test('is not refreshed when another process has done so since it was read', async () => {
    const world = new World()
    const [late, other] = [world.start(TIMES), world.start(TIMES)]
    await late.cache.set('k', 'old')
    await world.clock.advance(1200)
    const held = late.link.hold('lease')
    const load = slowLoader(world.clock, 0, 'again')
    expect(await late.cache.getOrSet('k', load)).toBe('old')
    await held.arrived
    await other.cache.set('k', 'new')
    held.release()
    await world.clock.settle()
    expect(load.calls).toBe(0)
    expect(await late.cache.get('k')).toBe('new')
  })
})
