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
export function encodeValue(value: unknown, freshness: Freshness): Uint8Array {
  const head = { ...freshness, serializerId: jsonSerializer.id }
  return encodeEnvelope(head, jsonSerializer.serialize(value))
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
