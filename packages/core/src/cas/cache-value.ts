import type { StoredEntry } from '../contract/cache-store.ts'

/**
 * A load under way, or the reason of one that failed. In place of a missing entry, or, under a key of
 * its own, over the entry with the version `seen`.
 */
export interface LoadMark {
  /** Absent after a failed load. */
  readonly holder?: string
  /** The TTL it was last given. */
  readonly ttlMs: number
  readonly failed?: { readonly token: string; readonly reason: string }
  readonly seen?: string
}

/** What a key of the cache holds. */
export type CacheValue =
  | { readonly entry: StoredEntry; readonly load?: undefined }
  | { readonly load: LoadMark; readonly entry?: undefined }

const ENTRY = 0x65
const LOAD = 0x6c
const VERSION_MAX = 64

/** What the frame around an entry's data takes at most. */
export const ENTRY_FRAME_BYTES = 2 + VERSION_MAX

/** The version of what has no frame of ours; no token is spelt like this. */
const UNREADABLE = '?'

/** A letter, the length of the version in one byte, the version, the data. */
export function encodeEntry({ version, data }: StoredEntry): Uint8Array {
  return Buffer.concat([Buffer.of(ENTRY, version.length), Buffer.from(version, 'latin1'), data])
}

/** A letter, and JSON. */
export const encodeLoad = (load: LoadMark): Uint8Array =>
  Buffer.from(`${String.fromCharCode(LOAD)}${JSON.stringify(load)}`)

/** Data without a frame is an entry too, which nobody can decode. */
export function decodeValue(value: Uint8Array): CacheValue {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength)
  if (bytes[0] === LOAD) {
    const load = decodeLoad(bytes)
    if (load) return { load }
  }
  const dataStart = 2 + (bytes[1] ?? 0)
  const version = bytes.toString('latin1', 2, dataStart)
  const framed = bytes[0] === ENTRY && version.length === bytes[1] && isToken(version)
  return {
    entry: framed
      ? { version, data: bytes.subarray(dataStart) }
      : { version: UNREADABLE, data: bytes },
  }
}

function decodeLoad(bytes: Buffer): LoadMark | undefined {
  try {
    const { holder, ttlMs, failed, seen } = JSON.parse(bytes.toString('utf8', 1))
    if (typeof ttlMs !== 'number') return undefined
    return {
      ttlMs,
      ...(typeof holder === 'string' && { holder }),
      ...(typeof failed?.token === 'string' && {
        failed: { token: failed.token, reason: String(failed.reason) },
      }),
      ...(typeof seen === 'string' && { seen }),
    }
  } catch {
    return undefined
  }
}

const isToken = (version: string): boolean => /^[\w-]{1,64}$/.test(version)
