import { describe, expect, test } from '@jest/globals'
import { chunksIn, drained, heldStream, numbers } from '../helpers/streams.ts'
import { failureOf, stored, World } from '../helpers/world.ts'

const TIMES = { ttl: 10_000, grace: 1000 } as const
const EXPORT = { key: () => 'export', ...TIMES } as const
const ENTRY = stored('export')
const plain = { serializer: false, compressor: false } as const

/** Six chunks. */
const long = () => Array.from({ length: 12 }, (_, i) => Buffer.alloc(128 * 1024, `${i % 10}`))

/** As `long`, of other bytes and counted at each run. */
function countedLong() {
  const load = Object.assign(
    () => {
      load.runs++
      return long().map((bytes) => bytes.fill(`${load.runs}`))
    },
    { runs: 0 },
  )
  return load
}

/** Takes its part `index` of the last stream out of the store. */
function lose(world: World, chunks: readonly string[], index: number): void {
  const key = chunks[index]
  if (key === undefined) throw new Error('there is no such chunk')
  world.store.plant(key, Buffer.of(0), 1)
}

describe('a stored stream', () => {
  test('[C97] that has lost a part before anything was returned is loaded anew', async () => {
    const world = new World()
    const { cache, link } = world.start(plain)
    const load = countedLong()
    const rows = cache.memoizeIter(load, EXPORT)
    await drained(rows())
    lose(world, chunksIn(link), 2)
    expect(await drained(rows())).toHaveLength(12)
    expect(load.runs).toBe(2)
    expect(await drained(rows())).toHaveLength(12)
    expect(load.runs).toBe(2)
  })

  test('that has lost a part later on ends with an error, never early, and is then loaded anew', async () => {
    const world = new World()
    const { cache, link } = world.start(plain)
    const load = countedLong()
    const rows = cache.memoizeIter(load, EXPORT)
    await drained(rows())
    lose(world, chunksIn(link), 5)
    const got: unknown[] = []
    const read = async () => {
      for await (const row of rows()) got.push(row)
    }
    expect(await failureOf(read())).toMatchObject({ code: 'STREAM_BROKEN' })
    expect(got.length).toBeGreaterThan(0)
    expect(got.length).toBeLessThan(12)
    expect(load.runs).toBe(1)
    expect(await drained(rows())).toHaveLength(12)
    expect(load.runs).toBe(2)
  })

  test('that is broken does not take a newer one with it', async () => {
    const world = new World()
    const [one, two] = [world.start(plain), world.start(plain)]
    const rows = one.cache.memoizeIter(long, EXPORT)
    await drained(rows())
    lose(world, chunksIn(one.link), 5)
    const broken = rows()
    await broken.next()
    await drained(two.cache.memoizeIter(long, EXPORT).refresh())
    expect(await failureOf(drained(broken))).toMatchObject({ code: 'STREAM_BROKEN' })
    expect(world.store.entry(ENTRY)).toBeDefined()
  })

  test('is read on although the store does not answer once', async () => {
    const world = new World()
    const { cache, link } = world.start(plain)
    const rows = cache.memoizeIter(long, EXPORT)
    await drained(rows())
    const reader = rows()
    await world.clock.until(reader.next())
    link.once('read', { lose: 'request' })
    expect(await world.clock.until(drained(reader))).toHaveLength(11)
  })

  test('a delete during its load keeps it from being stored', async () => {
    const world = new World()
    const [one, two] = [world.start(), world.start()]
    const held = heldStream<number>()
    const rows = one.cache.memoizeIter(held.source, EXPORT)
    const first = drained(rows())
    held.give(1)
    await world.clock.settle()
    await two.cache.delete('export')
    held.give('end')
    expect(await world.clock.until(first)).toEqual([1])
    expect(one.told()).toContain('fenced')
    expect(world.store.entry(ENTRY)).toBeUndefined()
  })

  test('who asks after a delete in the same process does not join the load', async () => {
    const world = new World()
    const { cache } = world.start()
    const held = heldStream<number>()
    const rows = cache.memoizeIter(held.source, EXPORT)
    const first = drained(rows())
    await world.clock.settle()
    await cache.delete('export')
    const second = drained(rows())
    held.give(1, 'end', 2, 'end')
    expect(await world.clock.until(Promise.all([first, second]))).toHaveLength(2)
    expect(held.runs).toBe(2)
  })

  test('that was made stale is still served, while it is loaded behind', async () => {
    const world = new World()
    const { cache } = world.start()
    let runs = 0
    const rows = cache.memoizeIter(() => [++runs], EXPORT)
    await drained(rows())
    expect(await cache.expire('export')).toBe(true)
    expect(await drained(rows())).toEqual([1])
    await world.clock.settle()
    expect(runs).toBe(2)
    expect(await drained(rows())).toEqual([2])
  })

  test('ends with its ttl, and its chunks not much later', async () => {
    const world = new World()
    const { cache, link } = world.start()
    let runs = 0
    const rows = cache.memoizeIter(() => [++runs], EXPORT)
    await drained(rows())
    const [chunk = ''] = chunksIn(link)
    await world.clock.advance(11_000)
    expect(world.store.entry(ENTRY)).toBeUndefined()
    expect(world.store.entry(chunk)).toBeDefined()
    expect(await drained(rows())).toEqual([2])
    await world.clock.advance(120_000)
    expect(world.store.entry(chunk)).toBeUndefined()
  })

  test('who reads an old generation gets all of it while a new one is stored', async () => {
    const world = new World()
    const { cache } = world.start(plain)
    const rows = cache.memoizeIter(countedLong(), EXPORT)
    await drained(rows())
    const old = rows()
    await old.next()
    await drained(rows.refresh())
    const rest = await drained(old)
    expect(new Set(rest.map((bytes) => bytes.toString('latin1', 0, 1)))).toEqual(new Set(['1']))
    expect(rest).toHaveLength(11)
  })

  test('a load much longer than the ttl loses none of its chunks', async () => {
    const world = new World()
    const { cache } = world.start({ ...plain, waitTimeout: '1h' })
    const rows = cache.memoizeIter(long, EXPORT)
    const loading = rows()
    for (let i = 0; i < 12; i++) {
      await loading.next()
      await world.clock.advance(60_000)
    }
    await world.clock.until(drained(loading))
    expect(world.store.entry(ENTRY)).toBeDefined()
    expect(await drained(rows())).toHaveLength(12)
    await world.clock.advance(10_900)
    expect(await drained(cache.memoizeIter(() => [], EXPORT)())).toHaveLength(12)
  })

  test('a value under the name of a stream is replaced by it, and a stream is no value', async () => {
    const world = new World()
    const { cache } = world.start()
    await cache.set('export', 'a value')
    const rows = cache.memoizeIter(numbers(2), EXPORT)
    expect(await drained(rows())).toEqual([1, 2])
    expect(await cache.get('export')).toBeUndefined()
    expect(await drained(rows())).toEqual([1, 2])
  })

  test('bytes under the name of a stream of bytes are replaced by it', async () => {
    const { cache } = new World().start(plain)
    await cache.set('export', Buffer.from('a value'))
    const source = numbers(2)
    const rows = cache.memoizeIter(() => [Buffer.from('x')], EXPORT)
    expect(await drained(rows())).toEqual([Buffer.from('x')])
    expect(await drained(rows())).toEqual([Buffer.from('x')])
    expect(source.runs).toBe(0)
  })
})

describe('without the store', () => {
  test('every reader loads for himself, and gets all', async () => {
    const world = new World()
    const { cache, link } = world.start()
    link.sever()
    const source = numbers(3)
    const rows = cache.memoizeIter(source, EXPORT)
    const all = await world.clock.until(Promise.all([drained(rows()), drained(rows())]))
    expect(all).toEqual([
      [1, 2, 3],
      [1, 2, 3],
    ])
    expect(source.runs).toBe(2)
  })

  test('a chunk that cannot be stored costs the entry, not the reader', async () => {
    const world = new World()
    const { cache, link } = world.start(plain)
    link.once('write', { reject: new Error('no') })
    const rows = cache.memoizeIter(long, EXPORT)
    expect(await world.clock.until(drained(rows()))).toHaveLength(12)
    expect(world.store.entry(ENTRY)).toBeUndefined()
    expect(world.store.holder(ENTRY)).toBeUndefined()
    expect(link.count('write')).toBe(1)
  })

  test('an item that has no stored form costs the entry, not the reader', async () => {
    const world = new World()
    const { cache, told } = world.start()
    const rows = cache.memoizeIter(() => [1n, 2], EXPORT)
    expect(await drained(rows())).toEqual([1n, 2])
    expect(told()).toContain('unserializable')
    expect(world.store.entry(ENTRY)).toBeUndefined()
    expect(world.store.holder(ENTRY)).toBeUndefined()
  })

  test('a closed cache leaves the load to others, and its reader gets all', async () => {
    const world = new World()
    const { cache } = world.start()
    const rows = cache.memoizeIter(numbers(3), EXPORT)()
    await rows.next()
    await cache.close()
    expect(await drained(rows)).toEqual([2, 3])
    expect(world.store.entry(ENTRY)).toBeUndefined()
    expect(await failureOf(cache.memoizeIter(numbers(3), EXPORT)().next())).toMatchObject({
      code: 'STORE_UNAVAILABLE',
    })
  })
})
