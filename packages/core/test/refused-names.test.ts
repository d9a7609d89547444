import { describe, expect, test } from '@jest/globals'
import { InvalidArgumentError } from '../src/errors.ts'
import { encodeName, type Name } from '../src/key.ts'

const refuses = (name: unknown) =>
  expect(() => encodeName(name as Name)).toThrow(InvalidArgumentError)

describe('a name is refused when it is', () => {
  test.each([
    ['empty', ''],
    ['an empty array', []],
    ['an array with an empty text', ['a', '']],
    ['a lone high surrogate', '\ud800'],
    ['a lone low surrogate', 'a\udc00b'],
    ['reversed surrogates', ['\udc00\ud800']],
    ['a number', 42],
    ['a bigint', 42n],
    ['a boolean', true],
    ['undefined', undefined],
    ['null', null],
    ['a symbol', Symbol('a')],
    ['an object', { toString: () => 'a' }],
    ['a boxed text', Object('a')],
    ['a function', () => 'a'],
    ['an array-like object', { length: 1, 0: 'a' }],
    ['a Set', new Set(['a'])],
    ['NaN inside', ['a', Number.NaN]],
    ['Infinity inside', ['a', Number.POSITIVE_INFINITY]],
    ['undefined inside', ['a', undefined]],
    ['null inside', ['a', null]],
    ['an object inside', ['a', {}]],
    ['an array inside', ['a', ['b']]],
    ['a symbol inside', ['a', Symbol('b')]],
    // biome-ignore lint/suspicious/noSparseArray: the case
    ['an array with a hole', ['a', , 'b']],
    ['an array of holes', new Array(3)],
  ])('%s', (_what, name) => {
    refuses(name)
  })

  test('and the message does not repeat it', () => {
    expect(() => encodeName('\ud800TOPSECRET')).toThrow(/^a name must be well-formed Unicode$/)
  })
})

describe('a name is refused with what is wrong with it:', () => {
  test.each<[string, unknown]>([
    ['a name must be a string or an array', 42],
    ['a name must not be empty', ''],
    ['a name must not be empty', []],
    ['a name must not be empty', ['a', '']],
    ['a name must not have more than 64 parts', new Array(65).fill('a')],
    ['a name must not exceed 65536 characters', 'x'.repeat(65_537)],
    ['a name part must be finite', [Number.NaN]],
    ['a name part must be a string, number, bigint or boolean', [null]],
  ])('%s', (message, name) => {
    expect(() => encodeName(name as Name)).toThrow(
      expect.objectContaining({ message, code: 'INVALID_ARGUMENT' }),
    )
  })
})
