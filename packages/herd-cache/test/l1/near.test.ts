import { describe, expect, test } from '@jest/globals'
import { manualClock } from '@locks/core/testing'
import { memoryStore } from '@locks/memory'
import {
  HerdCache,
  type HerdCacheOptions,
  type NearOptions,
  v8Serializer,
} from '../../src/index.ts'
import { PushingLink } from '../helpers/pushing-store.ts'
import { failureOf, World } from '../helpers/world.ts'

const NEAR: NearOptions = { max: 100, ttl: '5s' }

/** Processes that share one store, which pushes. */
function processes(count: number, options: Partial<HerdCacheOptions> = {}) {
  const clock = manualClock()
  const store = memoryStore({ clock })
  const all = Array.from({ length: count }, () => {
    const link = new PushingLink(store)
    const own = {
      jitter: 0,
      store: link.store,
      namespace: 'near',
      clock,
      ttl: '1m',
      l1: NEAR,
    } as const
    return { link, cache: new HerdCache({ ...own, ...options }) }
  })
  return { clock, all: all as [(typeof all)[0], (typeof all)[0]] }
}

/** Has `key` in the process itself. */
async function keep(cache: HerdCache, key = 'a'): Promise<void> {
  const before = cache.stats().l1Hits
  // The first read is what begins to listen.
  for (let i = 0; i < 3; i++) await cache.get(key)
  if (cache.stats().l1Hits === before) throw new Error(`${key} is not kept`)
}

describe('a value that was read', () => {
  test('is given from the process itself, to get and getOrSet, and counted', async () => {
    const { all } = processes(1)
    const [{ cache, link }] = all
    await cache.set('a', { n: 1 })
    await keep(cache)
    const { reads } = link
    const before = cache.stats()
    expect(await cache.get('a')).toEqual({ n: 1 })
    expect(await cache.getOrSet('a', () => ({ n: 2 }))).toEqual({ n: 1 })
    expect(await cache.exists('a')).toBe(true)
    expect(link.reads).toBe(reads)
    expect(cache.stats()).toEqual({ ...before, l1Hits: before.l1Hits + 3 })
  })

  test('is kept under names of parts as well, and names do not mix', async () => {
    const { all } = processes(1)
    const [{ cache }] = all
    const names = ['a:b', ['a', 'b'], ['a:b'], ['a', 1], ['a', '1']] as const
    for (const [i, name] of names.entries()) await cache.set(name, i)
    for (let i = 0; i < 3; i++)
      expect(await Promise.all(names.map((name) => cache.get(name)))).toEqual([0, 1, 2, 3, 4])
    expect(cache.stats().l1Hits).toBeGreaterThanOrEqual(5)
  })

  test('is found by memoized functions', async () => {
    const { all } = processes(1)
    const [{ cache, link }] = all
    const double = cache.memoize((n: number) => 2 * n, { key: 'double' })
    for (let i = 0; i < 3; i++) expect(await double(4)).toBe(8)
    const { reads } = link
    expect(await double(4)).toBe(8)
    expect(link.reads).toBe(reads)
    expect(await double.refresh(4)).toBe(8)
  })

  test('is not kept without `l1`', async () => {
    const { all } = processes(1, { l1: false })
    const [{ cache, link }] = all
    await cache.set('a', 1)
    const { reads } = link
    for (let i = 0; i < 3; i++) await cache.get('a')
    expect(link.reads).toBe(reads + 3)
    expect(cache.stats().l1Hits).toBe(0)
  })

  test('is kept for the time stated, and never past its own ttl', async () => {
    const { clock, all } = processes(1)
    const [{ cache, link }] = all
    await cache.set('a', 1)
    await cache.set('b', 2, { ttl: 1000, grace: 0 })
    await keep(cache, 'a')
    await keep(cache, 'b')
    const { reads } = link
    await clock.advance(999)
    expect([await cache.get('a'), await cache.get('b')]).toEqual([1, 2])
    expect(link.reads).toBe(reads)
    await clock.advance(1)
    expect([await cache.get('a'), await cache.get('b')]).toEqual([1, undefined])
    expect(link.reads).toBe(reads + 1)
    await clock.advance(4000)
    expect(await cache.get('a')).toBe(1)
    expect(link.reads).toBe(reads + 2)
  })

  test('goes when there is no room, the least recently used first', async () => {
    const { all } = processes(1, { l1: { max: 2 } })
    const [{ cache, link }] = all
    for (const key of ['a', 'b', 'c']) await cache.set(key, key)
    await keep(cache, 'a')
    await keep(cache, 'b')
    await cache.get('a')
    await cache.get('c')
    const { reads } = link
    expect(await cache.get('a')).toBe('a')
    expect(link.reads).toBe(reads)
    expect(await cache.get('b')).toBe('b')
    expect(link.reads).toBe(reads + 1)
  })

  test.each([
    'set',
    'delete',
    'expire',
    'clear',
    'invalidateTags',
    'cas',
    'deletePattern',
  ] as const)('is dropped by %s, here and in other processes', async (change) => {
    const { clock, all } = processes(2)
    const [one, two] = all
    await one.cache.set('a', 'old', { tags: ['t'] })
    for (const { cache } of all) await keep(cache)
    const changes = {
      set: () => one.cache.set('a', 'new'),
      delete: () => one.cache.delete('a'),
      expire: () => one.cache.expire('a'),
      clear: () => one.cache.clear(),
      invalidateTags: () => one.cache.invalidateTags(['t']),
      cas: async () => (await one.cache.optimistic('a')).cas('new'),
      deletePattern: () => one.cache.deletePattern('*'),
    }
    await clock.until(Promise.resolve(changes[change]()))
    const isNew = change === 'set' || change === 'cas'
    for (const { cache } of [one, two]) expect(await cache.get('a')).toBe(isNew ? 'new' : undefined)
  })

  test('is dropped when a load stores another', async () => {
    const { all } = processes(2)
    const [one, two] = all
    let runs = 0
    const load = one.cache.memoize(() => ++runs, { key: () => 'a' })
    await load()
    for (const { cache } of all) await keep(cache)
    await load.refresh()
    for (const { cache } of [one, two]) expect(await cache.get('a')).toBe(2)
  })

  test('is not kept when a change was heard of before the reply came', async () => {
    const { clock, all } = processes(2)
    const [one, two] = all
    await one.cache.set('a', 'old')
    await keep(two.cache)
    await one.cache.set('a', 'older')
    const release = two.link.hold()
    const reading = two.cache.get('a')
    await clock.settle()
    await one.cache.set('a', 'new')
    release()
    expect(await reading).toBe('older')
    expect(await two.cache.get('a')).toBe('new')
  })

  test('is not kept when this process changed it before the reply came', async () => {
    const { clock, all } = processes(1)
    const [{ cache, link }] = all
    await cache.set('a', 'old')
    await keep(cache)
    await cache.set('a', 'older')
    const release = link.hold()
    const reading = cache.get('a')
    await clock.settle()
    link.deaf = true
    await cache.set('a', 'new')
    release()
    expect(await reading).toBe('older')
    expect(await cache.get('a')).toBe('new')
  })

  test('is dropped when signals are lost, and nothing is kept until they are back', async () => {
    const { all } = processes(2)
    const [one, two] = all
    await one.cache.set('a', 'old')
    await keep(two.cache)
    two.link.disconnect()
    await one.cache.set('a', 'new')
    for (let i = 0; i < 3; i++) {
      const { reads } = two.link
      expect(await two.cache.get('a')).toBe('new')
      expect(two.link.reads).toBe(reads + 1)
    }
    two.link.reconnect()
    await keep(two.cache)
    await one.cache.set('a', 'newer')
    expect(await two.cache.get('a')).toBe('newer')
  })

  test('whose read was under way when signals were lost is not kept', async () => {
    const { clock, all } = processes(2)
    const [one, two] = all
    await one.cache.set('a', 'old')
    await keep(two.cache)
    await one.cache.set('a', 'older')
    const release = two.link.hold()
    const reading = two.cache.get('a')
    await clock.settle()
    two.link.disconnect()
    await one.cache.set('a', 'new')
    two.link.reconnect()
    release()
    expect(await reading).toBe('older')
    expect(await two.cache.get('a')).toBe('new')
  })

  test('is no older than stated when the push of a change is lost', async () => {
    const { clock, all } = processes(2)
    const [one, two] = all
    await one.cache.set('a', 'old')
    await keep(two.cache)
    two.link.deaf = true
    await one.cache.set('a', 'new')
    expect(await two.cache.get('a')).toBe('old')
    await clock.advance(5000)
    expect(await two.cache.get('a')).toBe('new')
  })
})

describe('on a store that pushes nothing', () => {
  test('a change elsewhere is seen when the time stated is over, one’s own at once', async () => {
    const world = new World()
    const [one, two] = [world.start({ l1: NEAR }), world.start({ l1: NEAR })]
    await one.cache.set('a', 'old')
    await keep(one.cache)
    await keep(two.cache)
    await one.cache.set('a', 'new')
    expect(await one.cache.get('a')).toBe('new')
    expect(await two.cache.get('a')).toBe('old')
    await world.clock.advance(5000)
    expect(await two.cache.get('a')).toBe('new')
  })
})

describe('what is given', () => {
  const value = () => ({ list: [{ n: 1 }] })

  test('is shared by default', async () => {
    const { all } = processes(1)
    const [{ cache }] = all
    await cache.set('a', value())
    await keep(cache)
    expect(await cache.get('a')).toBe(await cache.get('a'))
  })

  test('is frozen with `freeze`, in depth', async () => {
    const { all } = processes(1, { l1: { ...NEAR, mode: 'freeze' } })
    const [{ cache }] = all
    await cache.set('a', value())
    await keep(cache)
    const given = (await cache.get('a')) as ReturnType<typeof value>
    expect(given).toBe(await cache.get('a'))
    expect(() => given.list.push({ n: 2 })).toThrow(TypeError)
    expect(() => Object.assign(given.list[0] as object, { n: 2 })).toThrow(TypeError)
  })

  test('is one’s own with `clone`', async () => {
    const { all } = processes(1, { l1: { ...NEAR, mode: 'clone' }, serializer: v8Serializer })
    const [{ cache }] = all
    await cache.set('a', new Map([[1, value()]]))
    await keep(cache)
    for (let i = 0; i < 3; i++) {
      const given = (await cache.get('a')) as Map<number, ReturnType<typeof value>>
      expect(given).toEqual(new Map([[1, value()]]))
      given.get(1)?.list.push({ n: 2 })
      given.clear()
    }
  })

  test('is not kept where freezing would promise too much', async () => {
    const { all } = processes(1, { l1: { ...NEAR, mode: 'freeze' }, serializer: v8Serializer })
    const [{ cache }] = all
    for (const changeable of [new Map(), [new Date(0)], { bytes: Buffer.from('b') }]) {
      await cache.set('a', changeable)
      for (let i = 0; i < 3; i++) expect(await cache.get('a')).toEqual(changeable)
    }
    expect(cache.stats().l1Hits).toBe(0)
  })
})

describe('the option l1', () => {
  test.each([
    [{}],
    [{ max: 0 }],
    [{ max: 1.5 }],
    [{ max: 10, ttl: 0 }],
    [{ max: 10, ttl: '1y' }],
    [{ max: 10, mode: 'copy' }],
    [true],
  ])('%j is refused', (l1) => {
    const start = () => new World().start({ l1: l1 as never })
    expect(start).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
  })

  test('names that are none are refused, and a closed cache gives nothing', async () => {
    const { all } = processes(1)
    const [{ cache }] = all
    await cache.set('a', 1)
    await keep(cache)
    expect(await failureOf(cache.get(''))).toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(await failureOf(cache.getOrSet([], () => 1))).toMatchObject({ code: 'INVALID_ARGUMENT' })
    await cache.close()
    expect(await failureOf(cache.get('a'))).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(await failureOf(cache.getOrSet('a', () => 1))).toMatchObject({
      code: 'STORE_UNAVAILABLE',
    })
  })
})
