import { InvalidArgumentError, type StoredEntry } from '@locks/core'
import { foreignData } from './foreign-data.ts'

const VERSION_BYTES_MAX = 64

/** The longest string of a Redis server is 512 MiB, unless its `proto-max-bulk-len` says otherwise. */
export const VALUE_BYTES_MAX = 512 * 1024 * 1024 - VERSION_BYTES_MAX - 1

/**
 * What is stored for a value: the length of its version in one byte, the version, the data.
 * @throws InvalidArgumentError for a value over the limit: the server would cut the connection.
 */
export function frameEntry(version: string, data: Uint8Array): Buffer {
  if (data.length > VALUE_BYTES_MAX) {
    throw new InvalidArgumentError(`a value must not exceed ${VALUE_BYTES_MAX} bytes`)
  }
  return Buffer.concat([Buffer.of(version.length), Buffer.from(version, 'latin1'), data])
}

/**
 * Takes the frame off what is stored under `key`.
 * @throws ConflictError when there is none.
 */
export function parseEntry(key: string, stored: unknown): StoredEntry {
  const bytes = stored as Buffer
  const dataStart = 1 + (bytes[0] ?? 0)
  const version = bytes.toString('latin1', 1, dataStart)
  if (version.length === bytes[0] && version.length <= VERSION_BYTES_MAX && isToken(version)) {
    return { version, data: bytes.subarray(dataStart) }
  }
  throw foreignData(key)
}

const isToken = (version: string): boolean => /^[!-~]+$/.test(version)
