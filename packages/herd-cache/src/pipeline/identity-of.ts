import { createHash } from 'node:crypto'
import { isMap, isSet, isUint8Array } from 'node:util/types'
import { InvalidArgumentError } from '@locks/core'

const DEPTH_MAX = 100

/**
 * A name part for a value of any shape, such as the arguments of a call: 43 characters, the same in every
 * process. The order of an object's or Map's keys and of a Set's members is of no account; the types of
 * values are (1, '1' and true differ, as do a Date and its text, or `{ a: undefined }` and `{}`).
 * @throws InvalidArgumentError for functions, symbols, objects of classes without `toJSON`, cycles, and
 *   what is nested more than 100 deep.
 */
export function identityOf(value: unknown): string {
  return createHash('sha256').update(canonical(value, 0)).digest('base64url')
}

/** Injective: every form says of which type it is, and text is quoted. */
function canonical(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value)
    case 'number':
      // -0 is written 0.
      return `${value}`
    case 'bigint':
      return `${value}n`
    case 'boolean':
    case 'undefined':
      return `${value}`
    case 'object':
      return value === null ? 'null' : canonicalObject(value, depth + 1)
    default:
      throw new InvalidArgumentError('functions and symbols have no identity')
  }
}

function canonicalObject(value: object, depth: number): string {
  // A cycle has no end: the first way into it is as far as this goes.
  if (depth > DEPTH_MAX)
    throw new InvalidArgumentError('what is cyclic or nested too deep has no identity')
  const of = (part: unknown) => canonical(part, depth)
  if (Array.isArray(value)) return `[${Array.from(value, of).join()}]`
  if (isUint8Array(value)) return `bytes(${Buffer.from(value).toString('base64url')})`
  if (isMap(value))
    return `map(${sorted(Array.from(value, ([key, part]) => `${of(key)}:${of(part)}`))})`
  if (isSet(value)) return `set(${sorted(Array.from(value, of))})`
  if ('toJSON' in value && typeof value.toJSON === 'function') return `json(${of(value.toJSON())})`
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null)
    throw new InvalidArgumentError('an object of a class without toJSON has no identity')
  return `{${sorted(Object.entries(value).map(([key, part]) => `${JSON.stringify(key)}:${of(part)}`))}}`
}

const sorted = (parts: readonly string[]): string => parts.toSorted().join()
