import { describe, expect, test } from '@jest/globals'
import { jsonSerializer, v8Serializer } from '../../src/index.ts'
import { countingSerializer } from '../helpers/stages.ts'
import { callers, failureOf, slowLoader, stored, World } from '../helpers/world.ts'

const INVALID = { code: 'INVALID_ARGUMENT' }

describe('serializers', () => {
  const rich = {
    date: new Date(7),
    map: new Map([['k', new Set([1n])]]),
    bytes: Uint8Array.of(1, 2),
    nothing: undefined,
    numbers: [Number.NaN, -0, Number.POSITIVE_INFINITY],
  }

  test('[C100] v8 brings back what JSON cannot', async () => {
    const { cache } = new World().start({ serializer: v8Serializer })
    await cache.set('k', rich)
    expect(await cache.get('k')).toEqual(rich)
    const cyclic: { self?: unknown } = {}
    cyclic.self = cyclic
    await cache.set('c', cyclic)
    const found = await cache.get<typeof cyclic>('c')
    expect(found?.self).toBe(found)
  })

  test('none: bytes come back as bytes, which are the caller’s own', async () => {
    const { cache } = new World().start({ serializer: false })
    const value = Buffer.from([0, 1, 254, 255])
    await cache.set('k', value)
    value.fill(9)
    const found = await cache.get<Uint8Array>('k')
    expect([...(found ?? [])]).toEqual([0, 1, 254, 255])
    found?.fill(9)
    expect([...((await cache.get<Uint8Array>('k')) ?? [])]).toEqual([0, 1, 254, 255])
    await cache.set('empty', Buffer.of())
    expect((await cache.get<Uint8Array>('empty'))?.length).toBe(0)
    expect(await failureOf(cache.set('k', 'text'))).toMatchObject(INVALID)
  })

  test('of another id cannot read what was written: a miss with an event', async () => {
    const world = new World()
    await world.start().cache.set('k', 'v')
    const { cache, events } = world.start({ serializer: v8Serializer })
    expect(await cache.get('k')).toBeUndefined()
    expect(events).toEqual([{ type: 'corrupt', key: stored('k'), by: 'serializer' }])
  })

  test('serialize in the caller’s turn: what he changes later is not stored', async () => {
    const { cache } = new World().start()
    const value = { items: Array(1000).fill(1) }
    const done = cache.set('k', value)
    value.items = []
    await done
    expect((await cache.get<typeof value>('k'))?.items.length).toBe(1000)
  })

  test('deserialize once for all who share a read, and once for all who wait elsewhere', async () => {
    const world = new World()
    const serializer = countingSerializer()
    const processes = world.startMany(2, { serializer })
    const load = slowLoader(world.clock, 100, 'v')
    const calls = processes.flatMap(({ cache }) => callers(50, () => cache.getOrSet('k', load)))
    await world.clock.until(Promise.all(calls))
    expect(serializer).toMatchObject({ serialized: 1, deserialized: 1 })
    const [process] = processes
    await Promise.all(callers(50, async () => process?.cache.getOrSet('k', load)))
    expect(serializer).toMatchObject({ serialized: 1, deserialized: 2 })
  })

  test.each<[string, (value: unknown) => unknown]>([
    [
      'throws',
      () => {
        throw new Error('secret')
      },
    ],
    ['makes no bytes', () => 'text'],
  ])('one that %s: set refuses, a loaded value reaches its callers', async (_, serialize) => {
    const serializer = { ...jsonSerializer, serialize } as typeof jsonSerializer
    const { cache, told, link } = new World().start({ serializer })
    const failure = await failureOf(cache.set('k', 'v'))
    expect(failure).toMatchObject(INVALID)
    expect(JSON.stringify(failure) + failure.message).not.toContain('secret')
    expect(link.sent).toEqual([])
    expect(await cache.getOrSet('k', () => 'v')).toBe('v')
    expect(told()).toEqual(['miss', 'unserializable', 'loaded'])
  })

  test('undefined is a miss for every one of them', async () => {
    const world = new World()
    const { cache, events } = world.start({ serializer: v8Serializer })
    expect(await failureOf(cache.set('k', undefined))).toMatchObject(INVALID)
    expect(await cache.getOrSet('k', () => undefined)).toBeUndefined()
    events.length = 0
    const forgetful = { ...v8Serializer, deserialize: () => undefined }
    await cache.set('k', 'v')
    const other = world.start({ serializer: forgetful })
    expect(await other.cache.get('k')).toBeUndefined()
    expect(other.events).toEqual([{ type: 'corrupt', key: stored('k'), by: 'serializer' }])
  })
})
