import { describe, expect, test } from '@jest/globals'
import type { StoreLink } from '../helpers/store-link.ts'
import { slowLoader, stored, World } from '../helpers/world.ts'

const EVERYTHING = 'test:t1:{*}'
const keyOf = (tag: string) => `test:t1:{${tag}}`

/** What a process has sent since it was last asked: commands, with the keys of reads. */
function sentBy(link: StoreLink): unknown[] {
  const sent = link.sent.map(({ command, request }) => (command === 'read' ? request : command))
  link.sent.length = 0
  return sent
}

/** A process that knows the store's time and its own namespace. */
async function warm(options: object = {}) {
  const world = new World()
  const { cache, link } = world.start(options)
  await cache.set('warm', 1)
  await cache.get('warm')
  sentBy(link)
  return { world, cache, link }
}

describe('commands', () => {
  test('a hit is one read of one key, and now and then of two', async () => {
    const { world, cache, link } = await warm()
    for (let ms = 0; ms < 300; ms++) {
      await cache.get('warm')
      await world.clock.advance(1)
    }
    const reads = sentBy(link) as string[][]
    expect(reads.filter((keys) => keys.length === 1)).toHaveLength(298)
    for (const keys of reads) expect(keys[0]).toBe(stored('warm'))
    for (const keys of reads.filter(({ length }) => length > 1))
      expect(keys.slice(1)).toEqual([EVERYTHING])
  })

  test('also to a store that takes longer than that to answer', async () => {
    const { world, cache, link } = await warm({ storeTimeout: '1s' })
    await world.clock.advance(1000)
    link.always(() => ({ requestMs: 150, replyMs: 150 }))
    for (let reads = 0; reads < 3; reads++)
      expect(await world.clock.until(cache.get('warm'))).toBe(1)
    expect(sentBy(link)).toEqual(Array(3).fill([stored('warm'), EVERYTHING]))
  })

  test('a hit with tags is one more, whatever the number of tags', async () => {
    const { cache, link } = await warm()
    await cache.set('k', 1, { tags: ['x', 'y', 'z'] })
    sentBy(link)
    expect(await cache.get('k')).toBe(1)
    expect(sentBy(link)).toEqual([[stored('k')], ['x', 'y', 'z'].map(keyOf)])
  })

  test('many hits with tags are two in all', async () => {
    const { cache, link } = await warm()
    const names = Array.from({ length: 50 }, (_, i) => `k${i}`)
    for (const name of names) await cache.set(name, name, { tags: [name, 'x'] })
    sentBy(link)
    expect(await cache.getMany([...names, 'warm'])).toEqual([...names, 1])
    const load = slowLoader(new World().clock, 0, ['never'])
    const all = await cache.getOrSetMany(names, load as never)
    expect(all.map(({ status }) => status)).toEqual(Array(50).fill('fulfilled'))
    const reads = sentBy(link) as string[][]
    expect(reads.map(({ length }) => length)).toEqual([51, 51, 50, 51])
    expect(load.calls).toBe(0)
  })

  test('hits with tags in one turn share both', async () => {
    const { cache, link } = await warm()
    for (const name of ['a', 'b', 'c']) await cache.set(name, name, { tags: ['x'] })
    sentBy(link)
    await Promise.all(['a', 'b', 'c'].map((name) => cache.get(name)))
    expect(sentBy(link)).toEqual([[stored('a'), stored('b'), stored('c')], [keyOf('x')]])
  })

  test('a load is three, with tags four, and one for each tag that is new', async () => {
    const { cache, link } = await warm()
    await cache.getOrSet('k', () => 1)
    expect(sentBy(link)).toEqual([[stored('k')], 'lease', 'commit'])
    await cache.getOrSet('l', () => 1, { tags: ['x', 'y'] })
    const read = ['x', 'y'].map(keyOf)
    const made = ['compareAndSet', 'compareAndSet']
    expect(sentBy(link)).toEqual([[stored('l')], 'lease', read, ...made, 'commit'])
    await cache.getOrSet('m', () => 1, { tags: ['x', 'y'] })
    expect(sentBy(link)).toEqual([[stored('m')], 'lease', read, 'commit'])
  })

  test('many loads with tags that are new make each of them once', async () => {
    const { world, cache, link } = await warm()
    const names = Array.from({ length: 20 }, (_, i) => `k${i}`)
    const loads = cache.getOrSetMany(names, (keys) => keys, { tags: ['x'] })
    await world.clock.until(loads)
    const sent = sentBy(link)
    const commands = (name: string) => sent.filter((each) => each === name).length
    expect(sent.filter((each) => Array.isArray(each))).toHaveLength(2)
    expect(['lease', 'compareAndSet', 'commit'].map(commands)).toEqual([20, 1, 20])
  })

  test('the first load of a namespace is one more', async () => {
    const world = new World()
    delete world.store.state(EVERYTHING).entry
    const { cache, link } = world.start()
    await cache.getOrSet('k', () => 1)
    const read = [stored('k'), EVERYTHING]
    expect(sentBy(link)).toEqual([read, 'lease', 'compareAndSet', 'commit'])
    await cache.getOrSet('l', () => 1)
    expect(sentBy(link)).toEqual([[stored('l')], 'lease', 'commit'])
  })

  test('an invalidation is a read and one for each tag, whatever the number of values', async () => {
    const { world, cache, link } = await warm()
    for (let i = 0; i < 50; i++) await cache.set(`k${i}`, i, { tags: ['x', 'y'] })
    sentBy(link)
    await cache.invalidateTags(['x', 'y', 'never used'])
    const read = ['x', 'y', 'never%20used'].map(keyOf)
    expect(sentBy(link)).toEqual([read, 'compareAndSet', 'compareAndSet'])
    await world.clock.until(cache.clear())
    expect(sentBy(link)).toEqual([[EVERYTHING], 'compareAndSet'])
  })
})
