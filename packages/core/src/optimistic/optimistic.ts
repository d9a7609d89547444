import { type Clock, systemClock } from '../clock.ts'
import type { CacheStore } from '../contract/cache-store.ts'
import { type Duration, toMs } from '../duration.ts'
import { InvalidArgumentError } from '../errors.ts'
import { checkPrefix, encodeName, type Name, storeKey } from '../key.ts'
import { type Random, systemRandom } from '../random.ts'
import type { CasOptions, OptimisticValue } from './optimistic-value.ts'
import { decodeValue, encodeValue, type ValueCodec } from './value-codec.ts'
import { VersionedEntry } from './versioned-entry.ts'
import { VersionedValue } from './versioned-value.ts'

/** How `optimistic` reads a value, and the defaults of its `cas`. */
export interface OptimisticOptions extends CasOptions {
  /** `false`: a value that was not there at first is set, whoever has set it meanwhile. Default true. */
  readonly absentIsVersion?: boolean
  /** Begins the key. Default `locks`. */
  readonly prefix?: string
  /** How long one store call may take before its outcome counts as unknown. Default 2 s. */
  readonly storeTimeout?: Duration
  /** For tests: time from elsewhere. Default `systemClock`. */
  readonly clock?: Clock
  /** For tests: chance from elsewhere. Default `systemRandom`. */
  readonly random?: Random
}

/**
 * Reads the value called `name`, to set it later unless somebody else has done so meanwhile. Nothing is
 * held in between, and nobody waits. What is compared is the version, not the value: one that was
 * changed and changed back has changed. "Not there" is a version too, but one without a past: a value
 * that came and went again in between is not seen.
 *
 * It lives under a key of its own kind (`locks:o1:{profile%3A7}`), apart from the locks and cache entries
 * of the same name. Bytes are stored as they are, all else as JSON.
 * @throws InvalidArgumentError; StoreUnavailableError; ConflictError for data that is not ours.
 */
export async function optimistic<T = unknown>(
  store: CacheStore,
  name: Name,
  options: OptimisticOptions = {},
): Promise<OptimisticValue<T>> {
  if (typeof options !== 'object' || options === null) {
    throw new InvalidArgumentError('options must be an object')
  }
  const { prefix = 'locks', storeTimeout = '2s', absentIsVersion = true, ttl = '1h' } = options
  const { clock = systemClock, random = systemRandom } = options
  if (typeof absentIsVersion !== 'boolean') {
    throw new InvalidArgumentError('absentIsVersion must be true or false')
  }
  const encoded = encodeName(name)
  const key = storeKey(checkPrefix(prefix, 'prefix'), 'o', encoded)
  const deadlineMs = toMs(storeTimeout, 'storeTimeout')
  const entry = new VersionedEntry(store, clock, { key, deadlineMs })
  const codec: ValueCodec = {
    encode: (value, ttlMs) => ({ data: encodeValue(value), ttlMs }),
    decode: decodeValue,
  }
  return VersionedValue.open<T>(entry, random, { name: encoded, absentIsVersion, ttl, codec })
}
