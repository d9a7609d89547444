import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { type Duration, LEASE_MS_MAX, toMs, toWaitMs } from '../src/duration.ts'
import { InvalidArgumentError, isLocksError } from '../src/errors.ts'
import { encodeName, isEncodedName, type Name, type NamePart, storeKey } from '../src/key.ts'
import type { AcquireOptions } from '../src/lock/options.ts'
import { engineRoom } from './helpers/engine-room.ts'

/** The same runs each time; a failure names the seed and the smallest case. */
const RUNS = { seed: 20_261_121, numRuns: 2000 }

const text = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
const part = fc.oneof(
  text,
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.bigInt(),
  fc.boolean(),
)
const name: fc.Arbitrary<Name> = fc.oneof(text, fc.array(part, { minLength: 1, maxLength: 5 }))

/** What makes two names different, told in another way than the encoding tells it. */
const identity = (given: Name): string =>
  typeof given === 'string'
    ? JSON.stringify(given)
    : JSON.stringify(given.map((each: NamePart) => [typeof each, String(each)]))

describe('names', () => {
  test('are one key if and only if they are one name', () => {
    const same = (one: Name, other: Name) => encodeName(one) === encodeName(other)
    fc.assert(
      fc.property(
        name,
        name,
        (one, other) => same(one, other) === (identity(one) === identity(other)),
      ),
      RUNS,
    )
  })

  test('split elsewhere are another key', () => {
    const cut = fc.tuple(text, text, text)
    fc.assert(
      fc.property(cut, ([a, b, c]) => {
        const keys = [[a, b, c], [a + b, c], [a, b + c], [a + b + c], a + b + c].map(encodeName)
        expect(new Set(keys).size).toBe(5)
      }),
      RUNS,
    )
  })

  test('of any text are bounded keys of plain ASCII, or refused', () => {
    const anything = fc.oneof(name, fc.string({ unit: 'binary', maxLength: 400 }), fc.anything())
    fc.assert(
      fc.property(anything, (given) => {
        const encoded = orRefused(() => encodeName(given as Name))
        if (encoded === undefined) return
        expect(isEncodedName(encoded)).toBe(true)
        expect(storeKey('p'.repeat(40), 'l', encoded)).toMatch(/^[!-~]{1,206}$/)
      }),
      RUNS,
    )
  })
})

describe('durations', () => {
  test('of whole milliseconds stay what they are, however they are written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: LEASE_MS_MAX }), (ms) => {
        expect(toMs(ms, 'ttl')).toBe(ms)
        expect(toMs(`${ms}ms`, 'ttl')).toBe(ms)
        expect(toMs(`${(ms / 1000).toFixed(3)}s` as Duration, 'ttl')).toBe(ms)
      }),
      RUNS,
    )
  })

  test('of anything are whole and within bounds, or refused', () => {
    const anything = fc.oneof(
      fc.anything(),
      fc.double(),
      fc.stringMatching(/^[\d.]{1,20}(ms|s|m|h|d)$/),
    )
    fc.assert(
      fc.property(anything, (given) => {
        const ms = orRefused(() => toMs(given as Duration, 'ttl')) ?? 1
        expect(Number.isInteger(ms) && ms >= 1 && ms <= LEASE_MS_MAX).toBe(true)
        const waitMs = orRefused(() => toWaitMs(given as Duration, 'wait')) ?? 0
        expect(waitMs === Infinity || (Number.isInteger(waitMs) && waitMs >= 0)).toBe(true)
      }),
      RUNS,
    )
  })
})

describe('options', () => {
  const field = fc.oneof(
    fc.anything(),
    fc.integer(),
    fc.boolean(),
    fc.constantFrom('1s', '30s', 'shared', 'exclusive', Infinity, 0),
  )
  const keys = ['ttl', 'grace', 'renew', 'wait', 'mode', 'permits', 'maxHold', 'steal', 'signal']
  const options = fc.oneof(
    fc.anything(),
    fc.dictionary(fc.constantFrom(...keys), field, { noNullPrototype: false }),
  )

  test('of any shape are taken, or refused before any command', async () => {
    await fc.assert(
      fc.asyncProperty(options, async (given) => {
        const { locks, store } = engineRoom()
        const lock = await locks
          .acquire('n', given as AcquireOptions)
          .catch((error: unknown) => error)
        if (lock instanceof Error) {
          if (!isLocksError(lock)) throw lock
          expect(['INVALID_ARGUMENT', 'UNSUPPORTED']).toContain(lock.code)
          expect(store.log).toEqual([])
        } else {
          expect(store.sent('acquire')).toHaveLength(1)
        }
      }),
      { ...RUNS, numRuns: 1000 },
    )
  })
})

/** `undefined` for what is refused as it should be. */
function orRefused<T>(convert: () => T): T | undefined {
  try {
    return convert()
  } catch (error) {
    expect(error).toBeInstanceOf(InvalidArgumentError)
    return undefined
  }
}
