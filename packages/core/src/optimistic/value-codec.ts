import { ConflictError, InvalidArgumentError } from '../errors.ts'

export interface EncodedValue {
  readonly data: Uint8Array
  /** How long the store keeps it. */
  readonly ttlMs: number
}

/** How the values of an entry become what is stored, and back. */
export interface ValueCodec {
  /** @throws InvalidArgumentError for a value that has no stored form. */
  encode(value: unknown, ttlMs: number): EncodedValue | PromiseLike<EncodedValue>
  decode(data: Uint8Array): unknown
}

/** The first byte tells how the rest is to be read. */
const JSON_TEXT = 1
const BYTES = 2

/** @throws InvalidArgumentError for a value that has no stored form. */
export function encodeValue(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return framed(BYTES, value)
  const text = stringified(value)
  if (text === undefined) throw new InvalidArgumentError('the value has no JSON form')
  return framed(JSON_TEXT, new TextEncoder().encode(text))
}

/** @throws ConflictError for data that `encodeValue` has not made. */
export function decodeValue(data: Uint8Array): unknown {
  const rest = data.subarray(1)
  if (data[0] === BYTES) return Uint8Array.from(rest)
  if (data[0] === JSON_TEXT) {
    try {
      return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(rest))
    } catch {
      // as below
    }
  }
  throw new ConflictError('the key holds data of another kind')
}

function stringified(value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch {
    return undefined
  }
}

function framed(kind: number, payload: Uint8Array): Uint8Array {
  const data = new Uint8Array(payload.length + 1)
  data[0] = kind
  data.set(payload, 1)
  return data
}
