import { describe, expect, test } from '@jest/globals'
import { HerdCache, type HerdCacheOptions } from '../src/index.ts'
import { failureOf, World } from './helpers/world.ts'

const INVALID = { name: 'InvalidArgumentError', code: 'INVALID_ARGUMENT' }

describe('a cache is not made with', () => {
  test.each<[string, Partial<Record<keyof HerdCacheOptions, unknown>>]>([
    ['no namespace', { namespace: undefined }],
    ['an empty namespace', { namespace: '' }],
    ['a namespace with a colon', { namespace: 'a:b' }],
    ['a namespace with braces', { namespace: '{a}' }],
    ['a namespace of 41 characters', { namespace: 'n'.repeat(41) }],
    ['a ttl of 0', { ttl: 0 }],
    ['a negative ttl', { ttl: -1 }],
    ['a ttl of parts of a millisecond', { ttl: 1.5 }],
    ['a ttl of NaN', { ttl: Number.NaN }],
    ['a ttl without end', { ttl: Number.POSITIVE_INFINITY }],
    ['a ttl of more than a year', { ttl: '366d' }],
    ['a ttl without a unit', { ttl: '60' }],
    ['a ttl of null', { ttl: null }],
    ['a negative grace', { grace: -1 }],
    ['a grace of more than a year', { grace: '366d' }],
    ['a lease too short to be renewed', { lease: 99 }],
    ['a lease without end', { lease: Number.POSITIVE_INFINITY }],
    ['a storeTimeout of 0', { storeTimeout: 0 }],
    ['a storeTimeout in words', { storeTimeout: 'soon' }],
    ['a waitTimeout of 0', { waitTimeout: 0 }],
    ['a waitTimeout of more than a timer can hold', { waitTimeout: 2 ** 31 }],
  ])('%s', (_, options) => {
    const store = new World().store.connect()
    const make = () => new HerdCache({ store, namespace: 'n', ...options } as HerdCacheOptions)
    expect(make).toThrow(expect.objectContaining(INVALID))
  })
})

const badNames: readonly [string, unknown][] = [
  ['an empty name', ''],
  ['an array without parts', []],
  ['an array with an empty part', ['a', '']],
  ['a lone surrogate', '\ud800'],
  ['no name', undefined],
  ['null', null],
  ['a number', 7],
  ['an object', {}],
  ['a part that is not finite', ['a', Number.NaN]],
  ['a part that is an object', ['a', {}]],
  ['a name too long to be meant', 'n'.repeat(65_537)],
]
const badOptions: readonly [string, unknown][] = [
  ['a ttl of 0', { ttl: 0 }],
  ['a ttl in words', { ttl: 'soon' }],
  ['a ttl of null', { ttl: null }],
  ['a negative grace', { grace: -1 }],
  ['a bare number', 60],
  ['a bare text', '1m'],
  ['null', null],
]
const notLoaders: readonly [string, unknown][] = [
  ['nothing', undefined],
  ['a value', 'v'],
  ['a promise', Promise.resolve('v')],
]

const cyclic: { self?: unknown } = {}
cyclic.self = cyclic
const unserializable: readonly [string, unknown][] = [
  ['undefined', undefined],
  ['a function', () => 'v'],
  ['a symbol', Symbol('v')],
  ['a bigint', { deep: 1n }],
  ['a cyclic object', cyclic],
]

describe('before any command, with INVALID_ARGUMENT', () => {
  const calls: readonly [string, (cache: HerdCache) => Promise<unknown>][] = [
    ...badNames.flatMap(([what, name]): [string, (cache: HerdCache) => Promise<unknown>][] => [
      [`get ${what}`, (cache) => cache.get(name as string)],
      [`set ${what}`, (cache) => cache.set(name as string, 'v')],
      [`delete ${what}`, (cache) => cache.delete(name as string)],
      [`getOrSet ${what}`, (cache) => cache.getOrSet(name as string, () => 'v')],
    ]),
    ...badOptions.flatMap(([what, options]): [string, (cache: HerdCache) => Promise<unknown>][] => [
      [`set with ${what}`, (cache) => cache.set('k', 'v', options as object)],
      [`getOrSet with ${what}`, (cache) => cache.getOrSet('k', () => 'v', options as object)],
    ]),
    ...notLoaders.map(([what, loader]): [string, (cache: HerdCache) => Promise<unknown>] => [
      `getOrSet with ${what} for a loader`,
      (cache) => cache.getOrSet('k', loader as () => string),
    ]),
    ...unserializable.map(([what, value]): [string, (cache: HerdCache) => Promise<unknown>] => [
      `set ${what}`,
      (cache) => cache.set('k', value),
    ]),
  ]

  test.each(calls)('%s', async (_, call) => {
    const { cache, link, events } = new World().start()
    expect(await failureOf(call(cache))).toMatchObject(INVALID)
    expect(link.sent).toEqual([])
    expect(events).toEqual([])
  })

  test('also of who would join a load', async () => {
    const { cache, link } = new World().start()
    await cache.getOrSet('k', () => 'v')
    link.sent.length = 0
    expect(await failureOf(cache.getOrSet('k', () => 'v', { ttl: 0 }))).toMatchObject(INVALID)
    expect(link.sent).toEqual([])
  })
})

test('the limits themselves are accepted', () => {
  const store = new World().store.connect()
  const limits = {
    ttl: '365d',
    grace: '365d',
    lease: 100,
    storeTimeout: 1,
    waitTimeout: 1,
  } as const
  new HerdCache({ store, namespace: 'n'.repeat(40), ...limits })
  new HerdCache({ store, namespace: 'A-Z_a.z9', ttl: 1, grace: 0 })
})
