import { describe, expect, test } from '@jest/globals'
import { aesGcmCipher } from '../../src/index.ts'
import { chunksIn, drained, numbers } from '../helpers/streams.ts'
import { World } from '../helpers/world.ts'

const TIMES = { ttl: 10_000, grace: 1000 } as const
const EXPORT = { key: () => 'export', ...TIMES } as const
const CHUNK = 256 * 1024

/** Streams of bytes as they are, so that their lengths are known. */
const plain = { serializer: false, compressor: false } as const

describe('memoizeIter', () => {
  test('gives the second reader what the first has loaded, in order', async () => {
    const world = new World()
    const { cache, link } = world.start()
    const source = numbers(1000)
    const rows = cache.memoizeIter(source, EXPORT)
    const all = Array.from({ length: 1000 }, (_, i) => i + 1)
    expect(await drained(rows())).toEqual(all)
    expect(await drained(rows())).toEqual(all)
    expect([source.runs, source.pulled]).toEqual([1, 1000])
    expect(link.commands()).toEqual(['read', 'lease', 'write', 'commit', 'read', 'read'])
  })

  test('does nothing before the first item is asked for', async () => {
    const world = new World()
    const { cache, link } = world.start()
    const source = numbers(3)
    const rows = cache.memoizeIter(source, EXPORT)()
    await world.clock.settle()
    expect(link.sent).toEqual([])
    expect(await rows.next()).toEqual({ value: 1, done: false })
    await rows.return()
    expect(await rows.next()).toEqual({ value: undefined, done: true })
  })

  test.each<[string, () => Iterable<number> | Promise<Iterable<number>>]>([
    ['an array', () => [1, 2]],
    ['a promise of an array', async () => [1, 2]],
    ['a set', () => new Set([1, 2])],
  ])('takes %s for a stream', async (_, fn) => {
    const { cache } = new World().start()
    const rows = cache.memoizeIter(fn, EXPORT)
    expect(await drained(rows())).toEqual([1, 2])
    expect(await drained(rows())).toEqual([1, 2])
  })

  test('keeps an empty stream too, and items that are null', async () => {
    const { cache } = new World().start()
    let runs = 0
    const load = (items: unknown[]) => {
      runs++
      return items
    }
    const rows = cache.memoizeIter(load, { key: 'rows' })
    for (const items of [[], [null, 0, '']]) {
      expect(await drained(rows(items))).toEqual(items)
      expect(await drained(rows(items))).toEqual(items)
    }
    expect(runs).toBe(2)
  })

  test('has one entry for each list of arguments, which can be removed and loaded anew', async () => {
    const { cache } = new World().start()
    let runs = 0
    const rows = cache.memoizeIter((from: number) => [from, ++runs], { key: 'rows' })
    expect(await drained(rows(1))).toEqual([1, 1])
    expect(await drained(rows(2))).toEqual([2, 2])
    expect(await drained(rows(1))).toEqual([1, 1])
    expect(await rows.invalidate(1)).toBe(true)
    expect(await rows.invalidate(1)).toBe(false)
    expect(await drained(rows(1))).toEqual([1, 3])
    expect(await drained(rows.refresh(2))).toEqual([2, 4])
    expect(await drained(rows(2))).toEqual([2, 4])
  })

  test('refuses what is no function and what is no key', () => {
    const { cache } = new World().start()
    const invalid = expect.objectContaining({ code: 'INVALID_ARGUMENT' })
    expect(() => cache.memoizeIter([] as never, EXPORT)).toThrow(invalid)
    expect(() => cache.memoizeIter(numbers(1), { key: '' })).toThrow(invalid)
    expect(() => cache.memoizeIter(numbers(1), { key: 'a', ttl: -1 })).toThrow(invalid)
  })

  test('[C97] cuts one byte more than two chunks into three, and there is no fourth', async () => {
    const world = new World()
    const { cache, link } = world.start(plain)
    // A head of three bytes, since the item is so long.
    const item = Buffer.alloc(2 * CHUNK + 1 - 3, 'ab')
    const rows = cache.memoizeIter(() => [item], EXPORT)
    await drained(rows())
    const chunks = chunksIn(link)
    expect(chunks).toHaveLength(3)
    expect(chunks.map((key) => world.store.entry(key)?.data.length)).toEqual([
      CHUNK + 28,
      CHUNK + 28,
      1 + 28,
    ])
    expect(world.store.entry(chunks[0]?.replace(/\.0$/, '.3') ?? '')).toBeUndefined()
    const [found] = await drained(rows())
    expect(item.equals(found as Buffer)).toBe(true)
  })

  test.each([1, 127, 128, 16_383, 16_384, CHUNK - 3, CHUNK, CHUNK + 1])(
    'gives back items of %i bytes, whatever chunks they end in',
    async (bytes) => {
      const { cache } = new World().start(plain)
      const items = Array.from({ length: 5 }, (_, i) => Buffer.alloc(bytes, `${i}`))
      const rows = cache.memoizeIter(() => items, EXPORT)
      await drained(rows())
      expect((await drained(rows())).map((item) => item.toString('hex'))).toEqual(
        items.map((item) => item.toString('hex')),
      )
    },
  )

  test('asks the loader for an item only when its reader asks for one', async () => {
    const { cache } = new World().start()
    const source = numbers(10)
    const rows = cache.memoizeIter(source, EXPORT)()
    await rows.next()
    await rows.next()
    expect(source.pulled).toBe(2)
    await rows.return()
  })

  test('an item changed by its reader is stored as it was', async () => {
    const { cache } = new World().start()
    const rows = cache.memoizeIter(() => [{ n: 1 }, { n: 2 }], EXPORT)
    for await (const row of rows()) row.n = 0
    expect(await drained(rows())).toEqual([{ n: 1 }, { n: 2 }])
  })

  test('stores nothing readable with a cipher, and only what is compressed with a compressor', async () => {
    const world = new World()
    const secret = Buffer.alloc(32, 7)
    const cipher = aesGcmCipher({ keys: [{ id: 1, secret }], nameSecret: secret })
    const { cache, link } = world.start({ cipher })
    const rows = cache.memoizeIter(() => Array(200).fill('secret'), EXPORT)
    await drained(rows())
    for (const { request } of [...link.sentOf('write'), ...link.sentOf('commit')]) {
      const { data } = request as { data: Uint8Array }
      expect(Buffer.from(data).toString('latin1')).not.toMatch(/secret|stream/)
      expect(data.length).toBeLessThan(250)
    }
    expect(await drained(rows())).toEqual(Array(200).fill('secret'))
  })
})
