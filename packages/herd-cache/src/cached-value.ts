import type { StoredEntry } from '@locks/core'
import { decodeEnvelope, encodeEnvelope } from './envelope.ts'
import { jsonSerializer } from './json-serializer.ts'

/** A value as read from the store. */
export interface CachedValue {
  readonly value: unknown
  /** The store's version of the entry. */
  readonly version: string
  readonly softExpiresAtMs: number
  readonly loadMs: number
}

export interface Freshness {
  readonly softExpiresAtMs: number
  readonly loadStartedAtMs: number
  readonly loadMs: number
}

/** @throws whatever the serializer throws for a value that it cannot express. */
export function serializeValue(value: unknown): Uint8Array {
  return jsonSerializer.serialize(value)
}

/** What is stored of a serialized value. */
export function encodePayload(payload: Uint8Array, freshness: Freshness): Uint8Array {
  return encodeEnvelope({ ...freshness, serializerId: jsonSerializer.id }, payload)
}

/** `undefined` for data that cannot be read: to a cache that is a miss, never an exception. */
export function decodeValue({ data, version }: StoredEntry): CachedValue | undefined {
  const envelope = decodeEnvelope(data)
  if (envelope?.serializerId !== jsonSerializer.id) return undefined
  const { softExpiresAtMs, loadMs, payload } = envelope
  try {
    return { value: jsonSerializer.deserialize(payload), version, softExpiresAtMs, loadMs }
  } catch {
    return undefined
  }
}
