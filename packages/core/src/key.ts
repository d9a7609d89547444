import { createHash } from 'node:crypto'
import { InvalidArgumentError } from './errors.ts'

/** A part of a name; `1` and `'1'` are two. */
export type NamePart = string | number | bigint | boolean

/** What a lock or a cache entry is called. Parts need no escaping: `['a:b']`, `['a', 'b']` and `'a:b'` differ. */
export type Name = string | readonly NamePart[]

/** Version of the key layout and of what is stored under it: processes of two releases share keys. */
const FORMAT = 1
const ENCODED_MAX = 160
const HEAD = 116
const RAW_MAX = 65_536

type KeyKind = 'l' | 'c' | 'o' | 't'

/**
 * The store key of a lock (`l`), a cache entry (`c`), a tag of those (`t`) or an optimistic value
 * (`o`), for example `locks:l1:{invoice%3A42}`. ASCII without spaces, at most 250 bytes with the stores' suffixes; the
 * braces make all keys of one name share a Redis Cluster slot.
 */
export function storeKey(prefix: string, kind: KeyKind, encodedName: string): string {
  return `${storeKeyPrefix(prefix, kind)}{${encodedName}}`
}

/** What the keys of all that is of one kind begin with. */
export function storeKeyPrefix(prefix: string, kind: KeyKind): string {
  return `${prefix}:${kind}${FORMAT}:`
}

/** @throws InvalidArgumentError unless `prefix` is 1 to 40 characters of `[A-Za-z0-9._-]`. */
/** The prefix or namespace itself. @throws InvalidArgumentError unless it is 1 to 40 of `A-Z a-z 0-9 . _ -`. */
export function checkPrefix(prefix: string, what: string): string {
  if (typeof prefix === 'string' && /^[\w.-]{1,40}$/.test(prefix)) return prefix
  throw new InvalidArgumentError(`${what} must be 1 to 40 characters of A-Z a-z 0-9 . _ -`)
}

/**
 * Encodes a name injectively to at most 160 ASCII characters of `[A-Za-z0-9._%:=#-]`.
 * A long one keeps its head, followed by `#` and the SHA-256 of the whole.
 * @throws InvalidArgumentError for an empty, ill-formed, over-long or otherwise unusable name.
 */
export function encodeName(name: Name): string {
  const encoded = typeof name === 'string' ? encodeText(name) : encodeParts(name)
  if (encoded.length <= ENCODED_MAX) return encoded
  const digest = createHash('sha256').update(encoded).digest('base64url')
  return `${encoded.slice(0, HEAD)}#${digest}`
}

/** Whether `encodeName` can have made it. */
export function isEncodedName(name: unknown): name is string {
  return typeof name === 'string' && name.length <= ENCODED_MAX && /^[\w.%:=#-]+$/.test(name)
}

function encodeParts(parts: readonly NamePart[]): string {
  if (!Array.isArray(parts)) throw new InvalidArgumentError('a name must be a string or an array')
  if (parts.length === 0) throw new InvalidArgumentError('a name must not be empty')
  if (parts.length > 64) throw new InvalidArgumentError('a name must not have more than 64 parts')
  // A leading colon tells ['a'] from 'a': a string's own colons are escaped.
  return Array.from(parts, (part) => `:${encodePart(part)}`).join('')
}

/** `=` never occurs in encoded text, so the number 1 and the text '1' differ. */
function encodePart(part: NamePart): string {
  switch (typeof part) {
    case 'string':
      return encodeText(part)
    case 'number':
      if (!Number.isFinite(part)) throw new InvalidArgumentError('a name part must be finite')
      return `=${encodeText(String(part))}`
    case 'bigint':
      return `=${part}n`
    case 'boolean':
      return `=${part}`
    default:
      throw new InvalidArgumentError('a name part must be a string, number, bigint or boolean')
  }
}

function encodeText(text: string): string {
  if (text.length === 0) throw new InvalidArgumentError('a name must not be empty')
  if (text.length > RAW_MAX)
    throw new InvalidArgumentError('a name must not exceed 65536 characters')
  if (/^[\w.-]+$/.test(text)) return text
  return escapeBytes(text)
}

function escapeBytes(text: string): string {
  try {
    const escaped = (character: string) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`
    return encodeURIComponent(text).replace(/[!~*'()]/g, escaped)
  } catch {
    // Lone surrogates have no bytes of their own: two such names would be one key.
    throw new InvalidArgumentError('a name must be well-formed Unicode')
  }
}
