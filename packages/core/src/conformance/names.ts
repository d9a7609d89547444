import { encodeName, type Name, storeKey } from '../key.ts'
import { systemRandom } from '../random.ts'

type Kind = 'l' | 'c'

const PREFIX = 'conformance'
const PREFIX_MAX = PREFIX.padEnd(40, '-')
const NAME_MAX = 160

/** A token that nobody has used. */
export const freshToken = (): string => systemRandom.token()

export const freshTokens = (count: number): readonly string[] =>
  Array.from({ length: count }, freshToken)

/** A key that nobody has used, in the shape that core makes: the store may be shared. */
export const freshKey = (kind: Kind): string => storeKey(PREFIX, kind, encodeName(freshToken()))

/** Keys that a store may take for one another if it folds, trims, cuts or splits them. */
export function similarKeys(kind: Kind): readonly string[] {
  const name = freshToken()
  const endings = [
    '',
    'a',
    'A',
    '0',
    '00',
    '.',
    '-',
    '_',
    ' ',
    ':',
    '/',
    '*',
    '?',
    '\n',
    '\u00e4',
    'a\u0308',
  ]
  const texts = endings.map((ending) => `${name}${ending}`)
  const lists: Name[] = [[name], [name, 'a'], [name, 1], [name, '1'], [name, true], [name, 'true']]
  const longest = name.padEnd(NAME_MAX - 1, '-')
  const long = [...endings.slice(1, 4), '10', '11'].map((ending) => `${longest}${ending}`)
  return [
    ...[...texts, ...lists].map((each) => storeKey(PREFIX, kind, encodeName(each))),
    ...long.map((each) => storeKey(PREFIX_MAX, kind, encodeName(each))),
  ]
}
