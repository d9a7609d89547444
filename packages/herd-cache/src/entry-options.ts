import { type Duration, InvalidArgumentError, type Name } from '@locks/core'
import { toMs } from '@locks/core/parts'

/** When a value is loaded anew although it is still fresh. */
export interface EarlyOptions {
  /** How early: more loads longer before the end. Default 1. */
  readonly beta?: number
  /** Never before this last part of the ttl. Default 0.2, up to 0.5 for a load that takes so long. */
  readonly maxFraction?: number
}

/** How long a value is kept, and what ends it. */
export interface EntryOptions {
  /** How long the value is fresh. Default 60 s, at most 365 days. */
  readonly ttl?: Duration
  /**
   * How long after that the stale value is still served while one process loads anew.
   * Default half the ttl, at most 1 s. The store drops the entry after `ttl` and the longer of `grace`
   * and `staleIfError`.
   */
  readonly grace?: Duration
  /**
   * What `invalidateTags` can end the value by, besides its key: at most 64. Reading a value with tags
   * costs one more command. Default none.
   */
  readonly tags?: readonly Name[]
  /**
   * How long after its ttl the value is still served when loading anew fails, or takes longer than
   * `softTimeout`. Default `grace`.
   */
  readonly staleIfError?: Duration
  /**
   * Shortly before a loaded value ends, one process loads it anew while all are served: the earlier, the
   * longer the last load took. `false`: never.
   */
  readonly early?: false | EarlyOptions
  /** By up to this part a ttl is shortened, by chance, so that entries do not end together. Default 0.1. */
  readonly jitter?: number
  /** The ttl of a loaded `null`. Default 5 s, and never longer than `ttl`. */
  readonly negativeTtl?: Duration
}

export interface EarlySettings {
  readonly beta: number
  /** `undefined`: as the load needs it. */
  readonly maxFraction: number | undefined
}

export interface EntrySettings {
  readonly ttlMs: number
  readonly graceMs: number
  /** As they occur in their keys. */
  readonly tags: readonly string[]
  /** How long the store keeps it after its ttl. */
  readonly keptMs: number
  readonly early: EarlySettings | undefined
  readonly jitter: number
  readonly negativeTtlMs: number
}

const YEAR_MS = 365 * 86_400_000
const DEFAULT_TTL = '60s'
const DEFAULT_GRACE_MS_MAX = 1000
const DEFAULT_NEGATIVE_TTL = '5s'
const DEFAULT_JITTER = 0.1

/** @throws InvalidArgumentError for any value that could not be meant. */
export function resolveEntryOptions(
  options: EntryOptions,
  tagsOf: (tags: readonly Name[]) => string[],
): EntrySettings {
  const {
    ttl = DEFAULT_TTL,
    grace,
    staleIfError,
    early = {},
    jitter = DEFAULT_JITTER,
    negativeTtl = DEFAULT_NEGATIVE_TTL,
    tags = [],
  } = options
  const ttlMs = toMs(ttl, 'ttl', 1, YEAR_MS)
  const graceMs =
    grace === undefined
      ? Math.min(DEFAULT_GRACE_MS_MAX, Math.floor(ttlMs / 2))
      : toMs(grace, 'grace', 0, YEAR_MS)
  const errorMs =
    staleIfError === undefined ? graceMs : toMs(staleIfError, 'staleIfError', 0, YEAR_MS)
  return {
    ttlMs,
    tags: tagsOf(tags),
    graceMs,
    keptMs: Math.max(graceMs, errorMs),
    early: resolveEarly(early),
    jitter: toFraction(jitter, 'jitter'),
    negativeTtlMs: Math.min(ttlMs, toMs(negativeTtl, 'negativeTtl', 1, YEAR_MS)),
  }
}

/**
 * An option that is `undefined` counts as not given.
 * @throws InvalidArgumentError when `options` is no object.
 */
export function withDefaults<Options extends object>(options: Options, defaults: Options): Options {
  if (typeof options !== 'object' || options === null)
    throw new InvalidArgumentError("options must be an object such as { ttl: '1m' }")
  const merged = { ...defaults }
  for (const name of Object.keys(options) as (keyof Options)[]) {
    if (options[name] !== undefined) merged[name] = options[name]
  }
  return merged
}

function resolveEarly(early: false | EarlyOptions): EarlySettings | undefined {
  if (early === false) return undefined
  if (typeof early !== 'object' || early === null)
    throw new InvalidArgumentError('early must be false or an object such as { beta: 2 }')
  const { beta = 1, maxFraction } = early
  if (!(Number.isFinite(beta) && beta > 0))
    throw new InvalidArgumentError('early.beta must be a positive number')
  if (maxFraction !== undefined) toFraction(maxFraction, 'early.maxFraction')
  return { beta, maxFraction }
}

function toFraction(value: number, what: string): number {
  if (typeof value === 'number' && value >= 0 && value <= 1) return value
  throw new InvalidArgumentError(`${what} must be a number from 0 to 1`)
}
