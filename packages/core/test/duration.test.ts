import { describe, expect, test } from '@jest/globals'
import { type Duration, LEASE_MS_MAX, toMs, toWaitMs } from '../src/duration.ts'
import { InvalidArgumentError } from '../src/errors.ts'

const refuses = (value: unknown, convert: (value: Duration) => number) =>
  expect(() => convert(value as Duration)).toThrow(InvalidArgumentError)
const asLease = (value: Duration) => toMs(value, 'ttl')
const asWait = (value: Duration) => toWaitMs(value, 'wait')

describe('a duration', () => {
  test.each<[Duration, number]>([
    [1, 1],
    [500, 500],
    ['1ms', 1],
    ['250ms', 250],
    ['1s', 1000],
    ['30s', 30_000],
    ['1m', 60_000],
    ['1h', 3_600_000],
    ['1d', 86_400_000],
    ['24d', 24 * 86_400_000],
    ['1.5s', 1500],
    ['0.5m', 30_000],
    ['0.25h', 900_000],
    ['0.5d', 43_200_000],
    ['0.001s', 1],
    ['007s', 7000],
    ['1.0ms', 1],
  ])('%p is %p ms', (value, ms) => {
    expect(asLease(value)).toBe(ms)
  })

  test('in tenths of a unit is exact, whatever binary fractions make of it', () => {
    const units = { s: 100, m: 6000, h: 360_000, d: 8_640_000 } as const
    for (const [unit, tenthMs] of Object.entries(units)) {
      for (let tenths = 1; tenths <= 240; tenths++) {
        const text = `${(tenths / 10).toFixed(1)}${unit}` as Duration
        expect([text, asLease(text)]).toEqual([text, tenths * tenthMs])
      }
    }
  })

  test('of a lease is 1 to 2³¹−1 ms', () => {
    expect(LEASE_MS_MAX).toBe(2_147_483_647)
    expect(asLease(1)).toBe(1)
    expect(asLease(2_147_483_647)).toBe(2_147_483_647)
    expect(asLease('2147483647ms')).toBe(2_147_483_647)
    refuses(0, asLease)
    refuses('0s', asLease)
    refuses(2_147_483_648, asLease)
    refuses('2147483648ms', asLease)
    refuses('25d', asLease)
  })

  test('of a wait may also be 0 and Infinity', () => {
    expect(asWait(0)).toBe(0)
    expect(asWait('0ms')).toBe(0)
    expect(asWait(Number.POSITIVE_INFINITY)).toBe(Number.POSITIVE_INFINITY)
    expect(asWait('10s')).toBe(10_000)
    expect(asWait(2_147_483_647)).toBe(2_147_483_647)
    refuses(2_147_483_648, asWait)
  })

  test('obeys the bounds that its caller gives', () => {
    expect(toMs(5, 'it', 5, 6)).toBe(5)
    expect(toMs(6, 'it', 5, 6)).toBe(6)
    refuses(4, (value) => toMs(value, 'it', 5, 6))
    refuses(7, (value) => toMs(value, 'it', 5, 6))
  })

  test('of Infinity is refused except as a wait', () => {
    refuses(Number.POSITIVE_INFINITY, asLease)
  })

  const numbers = [-1, -0.5, 0.5, 1.5, 1e300, 2 ** 53, Number.NaN, Number.NEGATIVE_INFINITY]
  test.each(numbers)('of the number %p is refused', (value) => {
    refuses(value, asLease)
    refuses(value, asWait)
  })

  test.each(['0.1ms', '1.5ms', '0.0001s', '1.0001s', '0.00001m'])(
    'of %p is no whole number of milliseconds and is refused',
    (text) => {
      refuses(text, asLease)
      refuses(text, asWait)
    },
  )

  test.each([
    '',
    ' ',
    's',
    'ms',
    '1',
    '30',
    '1 s',
    ' 1s',
    '1s ',
    '1s\n',
    '\n1s',
    '+1s',
    '-1s',
    '--1s',
    '.5s',
    '1.s',
    '1.2.3s',
    '1,5s',
    '1_000ms',
    '1e3ms',
    '0x10ms',
    '1S',
    '1MS',
    '1sec',
    '1 minute',
    '1w',
    '1y',
    '1µs',
    '1ns',
    '1s1s',
    '1h30m',
    'NaN',
    'NaNms',
    'Infinity',
    'Infinityms',
    '１s',
    '١s',
    'one second',
    'PT30S',
  ])('of the text %j is refused', (text) => {
    refuses(text, asLease)
    refuses(text, asWait)
  })

  test('of a huge text is refused, and quickly: the pattern does not backtrack', () => {
    refuses('999999999999999d', asLease)
    refuses(`${'9'.repeat(400)}ms`, asLease)
    refuses(`0.${'0'.repeat(400)}1s`, asLease)
    refuses(`${'1'.repeat(1_000_000)}.${'1'.repeat(1_000_000)}`, asLease)
  })

  test.each([
    ['null', null],
    ['undefined', undefined],
    ['a boolean', true],
    ['a bigint', 5n],
    ['an array', [5]],
    ['an object', { ms: 5 }],
    ['a Date', new Date(5)],
    ['a boxed number', Object(5)],
    ['a boxed text', Object('5s')],
    ['a symbol', Symbol('5s')],
    ['a function', () => 5],
  ])('that is %s is refused', (_what, value) => {
    refuses(value, asLease)
    refuses(value, asWait)
  })

  test('that is refused is named with its bounds, and is not repeated', () => {
    expect(() => toMs('secret' as Duration, 'grace', 0, 99)).toThrow(
      "grace must be a whole number of milliseconds from 0 to 99, or text such as '30s'",
    )
  })
})
