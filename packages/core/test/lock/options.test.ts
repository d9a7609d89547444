import { describe, expect, test } from '@jest/globals'
import type { Duration } from '../../src/duration.ts'
import { type AcquireOptions, resolveOptions } from '../../src/lock/options.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'

expectQuietProcess()

describe('options', () => {
  test('have defaults [C52]', () => {
    expect(resolveOptions({}, {})).toEqual({
      ttlMs: 30_000,
      graceMs: 1500,
      renew: true,
      waitMs: 10_000,
      signal: undefined,
      mode: 'exclusive',
      units: 1,
      capacity: 1,
      maxHoldMs: undefined,
      steal: false,
      fair: 'global',
    })
  })

  test.each<[AcquireOptions, object]>([
    [{ mode: 'exclusive' }, { mode: 'exclusive', units: 2 ** 31, capacity: 2 ** 31 }],
    [{ mode: 'shared' }, { mode: 'shared', units: 1, capacity: 2 ** 31 }],
    [{ permits: 1 }, { mode: 'exclusive', units: 1, capacity: 1 }],
    [{ permits: 5 }, { mode: 'exclusive', units: 1, capacity: 5 }],
    [{ permits: 2 ** 31 - 1 }, { units: 1, capacity: 2 ** 31 - 1 }],
    [{ maxHold: '1m' }, { maxHoldMs: 60_000 }],
    [{ mode: 'exclusive', steal: true }, { steal: true }],
  ])('say what is taken, and how: %p', (options, settings) => {
    expect(resolveOptions(options, {})).toMatchObject(settings)
  })

  test.each<[Duration, number]>([
    ['1m', 3000],
    ['1s', 50],
    [999, 50],
    [1019, 50],
    [1020, 51],
    [10, 50],
  ])('of a ttl of %p include a grace of %p ms', (ttl, graceMs) => {
    expect(resolveOptions({ ttl }, {}).graceMs).toBe(graceMs)
  })

  test('of a call win over those of the factory, one by one', () => {
    const signal = new AbortController().signal
    const defaults = { ttl: '1m', grace: '2s', wait: 0, renew: false } as const
    expect(resolveOptions({}, defaults)).toMatchObject({
      ttlMs: 60_000,
      graceMs: 2000,
      waitMs: 0,
      renew: false,
    })
    expect(resolveOptions({ ttl: '2m', renew: true, signal }, defaults)).toMatchObject({
      ttlMs: 120_000,
      graceMs: 2000,
      waitMs: 0,
      renew: true,
      signal,
    })
  })

  test('may be at their bounds', () => {
    const settings = resolveOptions({ ttl: 2 ** 31 - 1, grace: 0, wait: Infinity }, {})
    expect(settings).toMatchObject({ ttlMs: 2 ** 31 - 1, graceMs: 0, waitMs: Infinity })
    expect(resolveOptions({ ttl: 2 ** 31 - 1, grace: 2 ** 31 - 1, wait: 0 }, {})).toMatchObject({
      graceMs: 2 ** 31 - 1,
      waitMs: 0,
    })
  })

  test.each(['ttl', 'grace', 'wait', 'renew', 'signal', 'mode', 'permits', 'maxHold', 'steal'])(
    'that are undefined count as not given: %s',
    (option) => {
      const defaults = { ttl: '1m', grace: '2s', wait: '3s', renew: true } as const
      const given = { [option]: undefined } as AcquireOptions
      expect(resolveOptions(given, defaults)).toEqual(resolveOptions({}, defaults))
      expect(resolveOptions({}, given)).toEqual(resolveOptions({}, {}))
    },
  )
})
