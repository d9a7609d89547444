import { InvalidArgumentError, type StoredEntry } from '@locks/core'

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

/** The version of what has no frame of ours; no token is spelt like this. */
const UNREADABLE = '?'

/** Takes the frame off what is stored. Data without one is an entry too, which nobody can decode. */
export function parseEntry(stored: unknown): StoredEntry {
  const bytes = stored as Buffer
  const dataStart = 1 + (bytes[0] ?? 0)
  const version = bytes.toString('latin1', 1, dataStart)
  const isFramed = version.length === bytes[0] && version.length <= VERSION_BYTES_MAX
  if (isFramed && isToken(version)) return { version, data: bytes.subarray(dataStart) }
  return { version: UNREADABLE, data: bytes }
}

const isToken = (version: string): boolean => /^[!-~]+$/.test(version)
