import { beforeEach, expect, test } from '@jest/globals'
import { type LoadOptions, resolveLoadOptions } from '../src/load-options.ts'
import { SettingsMemo } from '../src/settings-memo.ts'

let resolved = 0
let memo: SettingsMemo
beforeEach(() => {
  resolved = 0
  memo = new SettingsMemo((options) => {
    resolved++
    return resolveLoadOptions(options, { ttl: '2s' }, (tags) => tags.map(String))
  })
})

const ttlOf = (options: LoadOptions) => memo.of(options).ttlMs

test('who says nothing, or the same as the call before, gets the same', () => {
  expect([ttlOf({}), ttlOf({ ttl: '1m' }), ttlOf({ ttl: '1m' }), ttlOf({})]).toEqual([
    2000, 60_000, 60_000, 2000,
  ])
  expect(resolved).toBe(2)
})

test('who says more, less or something else does not', () => {
  expect(memo.of({ ttl: 1000, jitter: 0 })).toMatchObject({ ttlMs: 1000, jitter: 0 })
  expect(memo.of({ ttl: 1000, jitter: 0.5 })).toMatchObject({ ttlMs: 1000, jitter: 0.5 })
  expect(memo.of({ ttl: 1000 })).toMatchObject({ ttlMs: 1000, jitter: 0.1 })
  expect(memo.of({ jitter: 0.5 })).toMatchObject({ ttlMs: 2000, jitter: 0.5 })
  expect(memo.of({ ttl: 1000, jitter: 0.5 })).toMatchObject({ ttlMs: 1000, jitter: 0.5 })
  expect(ttlOf({ ttl: undefined } as never)).toBe(2000)
})

test('what has changed since counts as it is now', () => {
  const options = { ttl: 1000, tags: ['a'] }
  expect(memo.of(options)).toMatchObject({ ttlMs: 1000, tags: ['a'] })
  options.tags.push('b')
  expect(memo.of(options)).toMatchObject({ ttlMs: 1000, tags: ['a', 'b'] })
  const plain = { ttl: 1000 }
  expect(memo.of(plain).ttlMs).toBe(1000)
  plain.ttl = 3000
  expect(memo.of(plain).ttlMs).toBe(3000)
})

test('another signal changes nothing', () => {
  const { signal } = new AbortController()
  expect(ttlOf({ ttl: 1000, signal } as LoadOptions)).toBe(1000)
  expect(ttlOf({ ttl: 1000 })).toBe(1000)
  expect(ttlOf({ signal } as LoadOptions)).toBe(2000)
  expect(resolved).toBe(2)
})

test('what could not be meant is refused again and again', () => {
  for (const options of [null, 'text', { ttl: -1 }, { ttl: Number.NaN }, { jitter: {} }])
    for (let times = 0; times < 2; times++)
      expect(() => memo.of(options as never)).toThrow(/must|is/)
  expect(ttlOf({ ttl: 1000 })).toBe(1000)
})
