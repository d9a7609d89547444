import { describe, expect, test } from '@jest/globals'
import { keep, processes } from './near-processes.ts'

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
