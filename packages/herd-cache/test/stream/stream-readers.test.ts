import { describe, expect, test } from '@jest/globals'
import { drained, heldStream, numbers } from '../helpers/streams.ts'
import { failureOf, stored, World } from '../helpers/world.ts'

const TIMES = { ttl: 10_000, grace: 1000 } as const
const EXPORT = { key: () => 'export', ...TIMES } as const
const ENTRY = stored('export')

describe('the readers of one stream', () => {
  test('in other processes wait for the manifest, then read: one load', async () => {
    const world = new World()
    const processes = world.startMany(3)
    const held = heldStream<string>()
    const reads = processes.map(({ cache }) => drained(cache.memoizeIter(held.source, EXPORT)()))
    held.give('a')
    await world.clock.advance(1000)
    expect(held.runs).toBe(1)
    held.give('b', 'end')
    const all = await world.clock.until(Promise.all(reads))
    expect(all).toEqual([
      ['a', 'b'],
      ['a', 'b'],
      ['a', 'b'],
    ])
    expect(held.runs).toBe(1)
  })

  test('in one process share a load as well', async () => {
    const world = new World()
    const { cache, link } = world.start()
    const source = numbers(3)
    const rows = cache.memoizeIter(source, EXPORT)
    const all = await world.clock.until(Promise.all([rows(), rows(), rows()].map(drained)))
    expect(all).toEqual(Array(3).fill([1, 2, 3]))
    expect(source.runs).toBe(1)
    expect(link.count('lease')).toBe(1)
  })

  test('[C96] a loader error is thrown where it happened, and all who waited hear of it', async () => {
    const world = new World()
    const [one, two] = [world.start(), world.start()]
    const held = heldStream<number>()
    const first = one.cache.memoizeIter(held.source, EXPORT)()
    held.give(1)
    expect(await first.next()).toEqual({ value: 1, done: false })
    const joined = failureOf(drained(one.cache.memoizeIter(held.source, EXPORT)()))
    const elsewhere = failureOf(drained(two.cache.memoizeIter(held.source, EXPORT)()))
    await world.clock.settle()
    const error = new RangeError('no 2')
    held.give(error)
    expect(await failureOf(first.next())).toBe(error)
    expect(await world.clock.until(joined)).toBe(error)
    expect(await world.clock.until(elsewhere)).toMatchObject({
      code: 'LOAD_FAILED',
      message: expect.stringContaining('RangeError: no 2'),
    })
    expect(held.runs).toBe(1)
    expect(world.store.entry(ENTRY)).toBeUndefined()
    expect(world.store.holder(ENTRY)).toBeUndefined()
  })

  test('[C96] a load that fails leaves what is stored as it is', async () => {
    const world = new World()
    const { cache } = world.start()
    await drained(cache.memoizeIter(numbers(3), EXPORT)())
    const failing = cache.memoizeIter(numbers(3, { failsAfter: 2 }), EXPORT)
    expect(await failureOf(drained(failing.refresh()))).toMatchObject({ message: 'no 3' })
    expect(await drained(failing())).toEqual([1, 2, 3])
  })

  test('one who leaves early leaves the load to the others', async () => {
    const world = new World()
    const [one, two] = [world.start(), world.start()]
    const source = numbers(5)
    const first = one.cache.memoizeIter(source, EXPORT)()
    await first.next()
    const joined = drained(one.cache.memoizeIter(source, EXPORT)())
    const elsewhere = drained(two.cache.memoizeIter(source, EXPORT)())
    await world.clock.settle()
    await first.return()
    expect(source.ended).toBe(1)
    const all = await world.clock.until(Promise.all([joined, elsewhere]))
    expect(all).toEqual([
      [1, 2, 3, 4, 5],
      [1, 2, 3, 4, 5],
    ])
    expect(source.runs).toBe(2)
    expect([...one.told(), ...two.told()]).not.toContain('load-failed')
  })

  test('one who rests for longer than others wait loses the load, and still gets his items', async () => {
    const world = new World()
    const options = { waitTimeout: '10s', lease: '1s' } as const
    const [one, two] = [world.start(options), world.start(options)]
    const source = numbers(3)
    const first = one.cache.memoizeIter(source, EXPORT)()
    await first.next()
    await world.clock.advance(9_000)
    expect(world.store.holder(ENTRY)).toBeDefined()
    await world.clock.advance(1_001)
    expect(world.store.holder(ENTRY)).toBeUndefined()
    expect(await drained(two.cache.memoizeIter(source, EXPORT)())).toEqual([1, 2, 3])
    expect(await first.next()).toEqual({ value: 2, done: false })
    expect(await first.next()).toEqual({ value: 3, done: false })
    expect(await first.next()).toEqual({ value: undefined, done: true })
    expect(source.runs).toBe(2)
  })

  test('a reader who takes his time at every item keeps the load', async () => {
    const world = new World()
    const { cache } = world.start({ waitTimeout: '10s', lease: '1s' })
    const source = numbers(5)
    const rows = cache.memoizeIter(source, EXPORT)()
    for (let i = 0; i < 6; i++) {
      await world.clock.advance(9_000)
      await rows.next()
    }
    expect(await drained(cache.memoizeIter(source, EXPORT)())).toEqual([1, 2, 3, 4, 5])
    expect(source.runs).toBe(1)
  })
})
