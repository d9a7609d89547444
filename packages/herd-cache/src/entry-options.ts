import { type Duration, InvalidArgumentError, type Name } from '@locks/core'
import { toMs } from '@locks/core/parts'

export interface EntryOptions {
  /** How long the value is fresh. Default 60 s, at most 365 days. */
  readonly ttl?: Duration
  /**
   * How long after that the stale value is still served while one process loads anew.
   * Default half the ttl, at most 1 s. The store drops the entry after `ttl + grace`.
   */
  readonly grace?: Duration
  /**
   * What `invalidateTags` can end the value by, besides its key: at most 64. Reading a value with tags
   * costs one more command. Default none.
   */
  readonly tags?: readonly Name[]
}

export interface EntrySettings {
  readonly ttlMs: number
  readonly graceMs: number
  /** As they occur in their keys. */
  readonly tags: readonly string[]
}

const YEAR_MS = 365 * 86_400_000
const DEFAULT_TTL = '60s'
const DEFAULT_GRACE_MS_MAX = 1000

/** @throws InvalidArgumentError for any value that could not be meant. */
export function resolveEntryOptions(
  options: EntryOptions,
  defaults: EntryOptions,
  tagsOf: (tags: readonly Name[]) => string[],
): EntrySettings {
  if (typeof options !== 'object' || options === null)
    throw new InvalidArgumentError("options must be an object such as { ttl: '1m' }")
  const { ttl: ttlOfCache = DEFAULT_TTL, grace: graceOfCache } = defaults
  const { ttl = ttlOfCache, grace = graceOfCache } = options
  const ttlMs = toMs(ttl, 'ttl', 1, YEAR_MS)
  const graceMs =
    grace === undefined
      ? Math.min(DEFAULT_GRACE_MS_MAX, Math.floor(ttlMs / 2))
      : toMs(grace, 'grace', 0, YEAR_MS)
  return { ttlMs, graceMs, tags: tagsOf(options.tags ?? defaults.tags ?? []) }
}
