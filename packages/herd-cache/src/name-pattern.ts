import { InvalidArgumentError, type Name } from '@locks/core'
import { encodeName } from '@locks/core/parts'

/** Which of the encoded names a pattern means. */
export interface NamePattern {
  /** What all of them begin with. */
  readonly start: string
  matches(encodedName: string): boolean
}

/** Every name, also the array of parts: their encoded forms begin with a colon. */
const ALL: NamePattern = { start: '', matches: () => true }

/**
 * `*` in a text stands for any characters; a part that is `*` for any one part. A name that is stored by
 * its digest has but a beginning: it is found by a text that ends with `*`.
 * @throws InvalidArgumentError for what could not be a name.
 */
export function namePattern(pattern: Name): NamePattern {
  if (pattern === '*') return ALL
  const source = typeof pattern === 'string' ? textSource(pattern) : partsSource(pattern)
  const expression = new RegExp(`^${source}$`)
  // Up to the first thing that is no character of a name as it is encoded.
  const start = /^(?:[\w%:=-]|\\.)*/.exec(source)?.[0].replaceAll('\\', '') ?? ''
  return { start, matches: (encodedName) => expression.test(encodedName) }
}

function textSource(text: string): string {
  const source = pieces(text).join('[^#]*')
  const open = text.endsWith('*') ? `${source.slice(0, -'[^#]*'.length)}.*` : source
  // A name of parts is none of text.
  return text.startsWith('*') ? `(?!:)${open}` : open
}

function partsSource(parts: Exclude<Name, string>): string {
  if (!Array.isArray(parts) || parts.length === 0)
    throw new InvalidArgumentError('a pattern must be a text or an array of parts')
  const sources = parts.map((part) => {
    if (part === '*') return ':[^:#]+'
    // Text never begins with the sign that numbers have.
    const noNumber = typeof part === 'string' && part.startsWith('*') ? '(?!=)' : ''
    if (typeof part === 'string') return `:${noNumber}${pieces(part).join('[^:#]*')}`
    return escaped(encodeName([part]))
  })
  return sources.join('')
}

/** What is between the stars, as an expression. */
function pieces(text: string): string[] {
  if (text === '') throw new InvalidArgumentError('a pattern must not be empty')
  return text.split('*').map((piece) => (piece === '' ? '' : escaped(encodeName(piece))))
}

function escaped(encoded: string): string {
  if (encoded.includes('#')) throw new InvalidArgumentError('the pattern is too long')
  return encoded.replaceAll('.', '\\.')
}
