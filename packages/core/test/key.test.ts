import { describe, expect, test } from '@jest/globals'
import { InvalidArgumentError } from '../src/errors.ts'
import {
  checkPrefix,
  encodeName,
  isEncodedName,
  type Name,
  type NamePart,
  storeKey,
} from '../src/key.ts'
import { KEYS_FORMAT_1 } from './fixtures/keys-format-1.ts'
import { SeededRandom } from './helpers/seeded-random.ts'

const refuses = (name: unknown) =>
  expect(() => encodeName(name as Name)).toThrow(InvalidArgumentError)

/** What makes two names different, told in another way than the encoding tells it. */
function identity(name: Name): string {
  if (typeof name === 'string') return JSON.stringify(name)
  return JSON.stringify(name.map((part) => [typeof part, String(part)]))
}

describe('the key of a name', () => {
  test.each(KEYS_FORMAT_1)('of format 1 never changes: %j', (name, key) => {
    expect(storeKey('locks', 'l', encodeName(name))).toBe(key)
  })

  test('tells a lock from a cache entry and a prefix from another', () => {
    expect(storeKey('locks', 'l', 'a')).toBe('locks:l1:{a}')
    expect(storeKey('locks', 'c', 'a')).toBe('locks:c1:{a}')
    expect(storeKey('shop', 'l', 'a')).toBe('shop:l1:{a}')
  })

  test('is at most 250 bytes with 44 of a store’s own', () => {
    const name = encodeName('日'.repeat(65_536))
    expect(Buffer.byteLength(storeKey('p'.repeat(40), 'l', name))).toBeLessThanOrEqual(250 - 44)
  })
})

describe('two names are two keys', () => {
  test.each<[Name, Name]>([
    ['a:b', ['a:b']],
    ['a:b', ['a', 'b']],
    [['a:b'], ['a', 'b']],
    ['a', ['a']],
    [':a', ['a']],
    ['%3Aa', ['a']],
    [[1], ['1']],
    [[1], ['=1']],
    [[1], [1n]],
    [[1], ['1n']],
    [[true], ['true']],
    [[true], ['=true']],
    [[12], [1, 2]],
    [
      ['a', 'b'],
      ['b', 'a'],
    ],
    [['a'], ['a', 'a']],
    ['%', '%25'],
    ['é', 'e\u0301'],
    ['a', 'A'],
    ['a', 'a '],
    ['a', ' a'],
    ['a', 'a\u0000'],
    ['x'.repeat(160), 'x'.repeat(161)],
    ['x'.repeat(161), 'x'.repeat(162)],
    [`${'x'.repeat(300)}a`, `${'x'.repeat(300)}b`],
    ['x'.repeat(300), ['x'.repeat(300)]],
    [
      ['x'.repeat(300), 1],
      ['x'.repeat(300), '1'],
    ],
  ])('%j and %j', (one, other) => {
    expect(encodeName(one)).not.toBe(encodeName(other))
  })

  test('a text that looks like the key of a long name is another name', () => {
    const long = encodeName('x'.repeat(500))
    expect(encodeName(long)).not.toBe(long)
  })

  const seed = 20_260_731
  test(`for 60 000 random names of one small alphabet (seed ${seed})`, () => {
    const random = new SeededRandom(seed)
    const alphabet = [...'ab1', ...':%{}#=', ' ', '/', 'é', '日', '🔒', '\u0000', '25', '3A', '%25']
    const text = () =>
      Array.from({ length: 1 + random.below(4) }, () => random.pick(alphabet)).join('')
    const part = (): NamePart =>
      random.pick<() => NamePart>([
        text,
        text,
        () => random.below(12),
        () => BigInt(random.below(12)),
        () => random.below(2) === 0,
      ])()
    const name = (): Name =>
      random.below(2) === 0 ? text() : Array.from({ length: 1 + random.below(3) }, part)

    const nameOf = new Map<string, string>()
    const clashes: unknown[] = []
    for (let round = 0; round < 60_000; round++) {
      const drawn = name()
      const encoded = encodeName(drawn)
      const earlier = nameOf.get(encoded) ?? identity(drawn)
      const isPlain = /^[A-Za-z0-9._%:=#-]{1,160}$/.test(encoded)
      if (earlier !== identity(drawn) || !isPlain) clashes.push({ encoded, drawn, earlier })
      nameOf.set(encoded, earlier)
    }
    expect(clashes).toEqual([])
    expect(nameOf.size).toBeGreaterThan(20_000)
  })
})

describe('an encoded name', () => {
  test('is the name itself when that is plain: people read keys', () => {
    expect(encodeName('Order_42.items-7')).toBe('Order_42.items-7')
  })

  test('is 160 ASCII characters at most, and a longer one ends in its hash', () => {
    expect(encodeName('a'.repeat(160))).toBe('a'.repeat(160))
    const long = encodeName('a'.repeat(161))
    expect(long).toMatch(/^a{116}#[A-Za-z0-9_-]{43}$/)
  })

  test('is counted in escaped bytes, not in characters', () => {
    expect(encodeName('é'.repeat(26))).toHaveLength(156)
    expect(encodeName('é'.repeat(27))).toContain('#')
    expect(encodeName('日'.repeat(18))).toContain('#')
  })

  test('escapes every character that is not plain, byte by byte', () => {
    for (let code = 0; code < 0x250; code++) {
      const character = String.fromCharCode(code)
      const expected = /[A-Za-z0-9._-]/.test(character)
        ? character
        : [...Buffer.from(character)]
            .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`)
            .join('')
      expect([code, encodeName(character)]).toEqual([code, expected])
    }
  })

  test('has no brace of its own: a name cannot choose its cluster slot', () => {
    expect(encodeName('{x}')).toBe('%7Bx%7D')
    expect(encodeName(['{', '}'])).toBe(':%7B:%7D')
  })

  test('is the same for 0 and -0, which are equal', () => {
    expect(encodeName([-0])).toBe(encodeName([0]))
  })

  test('takes up to 64 parts and 65 536 characters each', () => {
    const parts = Array.from({ length: 64 }, () => 'x'.repeat(65_536))
    expect(encodeName(parts)).toHaveLength(160)
    refuses([...parts, 'x'])
    expect(encodeName('x'.repeat(65_536))).toHaveLength(160)
    refuses('x'.repeat(65_537))
    refuses(['x'.repeat(65_537)])
  })
})

describe('whether a text can be an encoded name', () => {
  test.each(['a', '%:=#-._', 'Az09', 'x'.repeat(160)])('it can: %p', (text) => {
    expect(isEncodedName(text)).toBe(true)
  })

  test.each([
    ['empty', ''],
    ['too long', 'x'.repeat(161)],
    ['with a brace before', '{a'],
    ['with a brace behind', 'a}'],
    ['with a space in it', 'a b'],
    ['of bytes', Buffer.from('a')],
    ['an array', ['a']],
    ['nothing', undefined],
    ['null', null],
  ])('it cannot: %s', (_what, text) => {
    expect(isEncodedName(text)).toBe(false)
  })
})

describe('a prefix', () => {
  test.each(['a', 'locks', 'my-app_v1.2', 'A'.repeat(40), '0', '.', '-'])('may be %j', (prefix) => {
    expect(checkPrefix(prefix, 'prefix')).toBe(prefix)
  })

  test.each([
    '',
    'A'.repeat(41),
    'a b',
    'a:b',
    'a{b}',
    'a%b',
    'a#b',
    'a/b',
    'é',
    'a\n',
    '\na',
    '\u0000',
    undefined,
    null,
    5,
    {},
    ['a'],
  ])('must not be %j', (prefix) => {
    expect(() => checkPrefix(prefix as string, 'prefix')).toThrow(
      new InvalidArgumentError('prefix must be 1 to 40 characters of A-Z a-z 0-9 . _ -'),
    )
  })
})
