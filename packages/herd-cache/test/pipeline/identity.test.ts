import { describe, expect, test } from '@jest/globals'
import { manualClock } from '@locks/core/testing'
import { memoryStore } from '@locks/memory'
import {
  encodedIdentity,
  HerdCache,
  identityOf,
  keyedIdentity,
  type Name,
  plainIdentity,
} from '../../src/index.ts'
import { callers, failureOf, heldLoader, slowLoader, World } from '../helpers/world.ts'

const INVALID = { code: 'INVALID_ARGUMENT' }
const secret = Buffer.alloc(32, 1)

describe('identityOf', () => {
  const cyclic: unknown[] = []
  cyclic.push(cyclic, cyclic)
  let deep: unknown = 1
  for (let level = 0; level < 101; level++) deep = [deep]
  const shared = { x: 1 }

  test.each<[string, unknown, unknown]>([
    ['the order of keys', { a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 }],
    [
      'the order of a Map',
      new Map([
        [1, 'a'],
        [2, 'b'],
      ]),
      new Map([
        [2, 'b'],
        [1, 'a'],
      ]),
    ],
    ['the order of a Set', new Set([1, 2]), new Set([2, 1])],
    ['the sign of zero', 0, -0],
    ['the kind of byte array', Buffer.of(1, 2), Uint8Array.of(1, 2)],
    ['an object without a prototype', Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
    ['whether parts are one object', [shared, shared], [{ x: 1 }, { x: 1 }]],
  ])('[C109] is one whatever is %s', (_, one, other) => {
    expect(identityOf(one)).toBe(identityOf(other))
  })

  test('[C109] differs wherever values differ', () => {
    const values: unknown[] = [
      ...[1, '1', true, 'true', 1n, '1n', null, 'null', undefined, 'undefined', '', {}, [], [[]]],
      ...[Number.NaN, 'NaN', Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1.5, -1],
      ...[{ a: undefined }, { a: null }, { a: 1 }, { a: '1' }, { A: 1 }, { '"a":1,"b"': 1 }],
      ...[{ a: 1, b: 1 }, { b: 1, a: '1' }, [1, 2], [2, 1], [12], ['1,2'], [[1], 2], [[1, 2]]],
      ...[[undefined], [null], [1, [2]], 'a:b', ['a:b'], ['a', 'b'], ['a:b|c'], ['a|b:c']],
      ...[new Date(0), new Date(0).toISOString(), 0, new Date(1), new URL('http://a/')],
      ...[new Map(), new Map([['a', 1]]), new Set(), new Set(['a']), new Set([['a', 1]])],
      ...[Buffer.of(), Buffer.of(1), [1], '\ud800', '\ud801', '\u0000', 'ä', 'a\u0308'],
      ...['json("1970-01-01T00:00:00.000Z")', 'bytes(AQ)'],
    ]
    const identities = new Set(values.map(identityOf))
    expect(identities.size).toBe(values.length)
    for (const identity of identities) expect(identity).toMatch(/^[\w-]{43}$/)
  })

  test('is the same in every release', () => {
    const value = [{ b: [1, '1', true, 1n], a: undefined }, new Map([['k', new Set([null])]])]
    expect(identityOf(value)).toBe('0QAooytF5Zjsla6aV_ZXQ8xA-kmMbvRDtw7TO5ZB8o8')
  })

  test.each<[string, unknown]>([
    ['a function', () => 1],
    ['a symbol', { deep: Symbol('s') }],
    ['an object of a class', new (class Account {})()],
    ['a regular expression', /a/],
    ['an error', new Error('no')],
    ['a cycle', cyclic],
    ['101 levels', deep],
  ])('refuses %s', (_, value) => {
    expect(() => identityOf(value)).toThrow(expect.objectContaining(INVALID))
  })
})

describe('the keys of a cache', () => {
  const keyOf = async (world: World, options: object, name: Name) => {
    const { cache, events } = world.start(options)
    await cache.get(name)
    return events.at(-1)
  }

  test('[C110] are encoded by default', async () => {
    const key = 'test:c1:{:a%3Ab:%25:=1:%F0%9F%98%80}'
    expect(await keyOf(new World(), {}, ['a:b', '%', 1, '😀'])).toEqual({ type: 'miss', key })
  })

  test('[C109] differ wherever the parts of a name do, whatever separates them', () => {
    const names: Name[] = ['a:b|c', ['a:b', 'c'], ['a', 'b:c'], ['a', 'b', 'c'], ['a:b:c'], 'a|b:c']
    const more: Name[] = [...names, ['a', 1], ['a', '1'], ['a', true], ['a', 'true'], ['a', 1n]]
    const keys = more.map((name) => encodedIdentity.identify('n', name))
    expect(new Set(keys).size).toBe(more.length)
  })

  test('[C110] stay below 250 bytes, and apart, however long the names', async () => {
    const one = encodedIdentity.identify('n'.repeat(40), '😀'.repeat(220))
    const other = encodedIdentity.identify('n'.repeat(40), `${'😀'.repeat(219)}x`)
    expect(one).not.toBe(other)
    expect(one.length).toBeLessThanOrEqual(206)
    expect(one).toMatch(/^[\x21-\x7e]+$/)
  })

  test('[C102] are the names themselves without an identity generator', async () => {
    const world = new World()
    const { cache, link } = world.start({ identity: false })
    await cache.set('user:7/', 'v')
    expect(await cache.get('user:7/')).toBe('v')
    expect(link.sentOf('write').map(({ key }) => key)).toEqual(['user:7/'])
    expect(await world.start().cache.get('user:7/')).toBeUndefined()
    expect(await world.start({ identity: plainIdentity }).cache.get('user:7/')).toBe('v')
  })

  test.each<[string, Name]>([
    ['a space', 'a b'],
    ['a line end', 'a\r\nflush_all'],
    ['a letter beyond ASCII', 'ä'],
    ['no characters', ''],
    ['207 characters', 'k'.repeat(207)],
    ['parts', ['a', 'b']],
    ['the end of a lease’s key', 'user:l'],
  ])('[C102] plain ones do not have %s', async (_, name) => {
    const { cache, link } = new World().start({ identity: false })
    expect(await failureOf(cache.get(name))).toMatchObject(INVALID)
    expect(await failureOf(cache.set(name, 'v'))).toMatchObject(INVALID)
    expect(link.sent).toEqual([])
  })

  test('plain ones load once across processes, without a push', async () => {
    const world = new World()
    const processes = world.startMany(3, { identity: false, lease: '10s' })
    const load = slowLoader(world.clock, 200, 'v')
    const calls = processes.flatMap(({ cache }) => callers(5, () => cache.getOrSet('k', load)))
    const startedAtMs = world.clock.elapsed
    expect(await world.clock.until(Promise.all(calls))).toEqual(Array(15).fill('v'))
    expect(load.calls).toBe(1)
    // By looking, not by the end of the lease.
    expect(world.clock.elapsed - startedAtMs).toBeLessThan(1500)
  })

  test('tell nothing of the name when they are made with a secret', async () => {
    const identity = keyedIdentity(secret)
    const key = identity.identify('shop', ['patient', 'Ada'])
    expect(key).toBe('shop:c1:{#IuiXNw0ioX5KkFyyz-EYeQYVEVCWBPxwfd3DE304j7k}')
    expect(keyedIdentity(Buffer.alloc(32, 2)).identify('shop', ['patient', 'Ada'])).not.toBe(key)
    expect(identity.identify('shop2', ['patient', 'Ada'])).not.toContain(key.slice(8))
    expect(identity.identify('shop', 'patient:Ada')).not.toBe(key)
    expect(() => identity.identify('shop', '')).toThrow(expect.objectContaining(INVALID))
  })

  test.each([
    ['made with a secret', keyedIdentity(secret), true],
    ['plain', plainIdentity, false],
  ])('%s: their loads are told by pushes, or found without', async (_, identity, pushed) => {
    const clock = manualClock()
    const store = memoryStore({ clock })
    const options = { store, namespace: 'n', identity, clock, lease: '10s' } as const
    const [one, two] = [new HerdCache(options), new HerdCache(options)]
    const loader = heldLoader<string>()
    const first = one.getOrSet('k', loader.load)
    await clock.settle()
    let came = false
    const second = two.getOrSet('k', loader.load).then((value) => {
      came = true
      return value
    })
    await clock.settle()
    loader.resolve('v')
    await clock.settle()
    expect(came).toBe(pushed)
    expect(await clock.until(Promise.all([first, second]))).toEqual(['v', 'v'])
    expect(clock.elapsed).toBeLessThan(1000)
  })

  test('some of which have no pushes: who waits for those looks', async () => {
    const clock = manualClock()
    const store = memoryStore({ clock })
    const identify = (_: string, name: Name) => (name === 'plain' ? 'plain' : `n:c1:{${name}}`)
    const options = { store, namespace: 'n', identity: { identify }, clock, lease: '10s' } as const
    const [one, two] = [new HerdCache(options), new HerdCache(options)]
    for (const cache of [one, two]) await cache.getOrSet('pushed', () => 'v')
    await two.getOrSet('pushed-too', () => 'v')
    const loader = heldLoader<string>()
    const first = one.getOrSet('plain', loader.load)
    await clock.settle()
    const second = two.getOrSet('plain', loader.load)
    await clock.settle()
    loader.resolve('v')
    expect(await clock.until(Promise.all([first, second]))).toEqual(['v', 'v'])
    expect(clock.elapsed).toBeLessThan(1000)
  })

  test.each<[string, unknown]>([
    ['nothing', undefined],
    ['a number', 7],
    ['a space', 'a b'],
    ['more than a store takes', 'k'.repeat(207)],
  ])('are refused when an identity of one’s own makes %s', async (_, made) => {
    const { cache, link } = new World().start({ identity: { identify: () => made as string } })
    expect(await failureOf(cache.get('k'))).toMatchObject(INVALID)
    expect(link.sent).toEqual([])
  })
})
