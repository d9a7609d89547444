import { type Duration, InvalidArgumentError } from '@locks/core'
import { toMs } from '@locks/core/parts'

/**
 * What is kept in the process itself: `share` gives everybody the same object, `freeze` the same frozen
 * one, `clone` everybody his own.
 */
export type NearMode = 'share' | 'freeze' | 'clone'

/** How values are kept in the process itself. */
export interface NearOptions {
  /** How many values are kept; the least recently used go first. */
  readonly max: number
  /**
   * How long a value is kept at most, and so how long a change that somebody else makes may go unnoticed
   * at worst. Default 5 s.
   */
  readonly ttl?: Duration
  /** Default `share`: nobody may change what he is given. */
  readonly mode?: NearMode
}

export interface NearSettings {
  readonly max: number
  readonly ttlMs: number
  readonly mode: NearMode
}

const YEAR_MS = 365 * 86_400_000

/** @throws InvalidArgumentError for any value that could not be meant. */
export function resolveNearOptions(options: NearOptions): NearSettings {
  if (typeof options !== 'object' || options === null)
    throw new InvalidArgumentError('l1 must be an object such as { max: 10_000 }')
  const { max, ttl = '5s', mode = 'share' } = options
  if (!Number.isInteger(max) || max < 1 || max > 2 ** 24)
    throw new InvalidArgumentError('max must be an integer from 1 to 2^24')
  if (!['share', 'freeze', 'clone'].includes(mode))
    throw new InvalidArgumentError("mode must be 'share', 'freeze' or 'clone'")
  return { max, ttlMs: toMs(ttl, 'ttl', 1, YEAR_MS), mode }
}
