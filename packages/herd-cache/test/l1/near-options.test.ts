import { describe, expect, test } from '@jest/globals'
import { v8Serializer } from '../../src/index.ts'
import { failureOf, World } from '../helpers/world.ts'
import { keep, NEAR, processes } from './near-processes.ts'

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
