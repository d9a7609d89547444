import type { Duration, Name } from '@locks/core'
import { toMs } from '@locks/core/parts'
import {
  type EntryOptions,
  type EntrySettings,
  resolveEntryOptions,
  withDefaults,
} from './entry-options.ts'

/** As `EntryOptions`, and how long a load may take. */
export interface LoadOptions extends EntryOptions {
  /** After this a caller who waits for a load gets the stale value, if there is one. Default: never. */
  readonly softTimeout?: Duration
  /** How long a loader may take. Then its signal aborts and its callers are rejected. Default 30 s. */
  readonly loaderTimeout?: Duration
  /**
   * After a failed load a stale value is served for this long before a process that ran it or waited for
   * it tries again. Default 1 s.
   */
  readonly errorBackoff?: Duration
}

/** Of one call; an option that is not given is as that of the cache. */
export interface CallOptions extends LoadOptions {
  /** Ends the wait of this caller alone; the loader's signal aborts when all have gone. */
  readonly signal?: AbortSignal
}

export interface LoadSettings extends EntrySettings {
  readonly softTimeoutMs: number
  readonly loaderTimeoutMs: number
  readonly errorBackoffMs: number
}

const DEFAULT_LOADER_TIMEOUT = '30s'
const DEFAULT_ERROR_BACKOFF = '1s'

/** @throws InvalidArgumentError for any value that could not be meant. */
export function resolveLoadOptions(
  options: LoadOptions,
  defaults: LoadOptions,
  tagsOf: (tags: readonly Name[]) => string[],
): LoadSettings {
  const given = withDefaults(options, defaults)
  const settings = resolveEntryOptions(given, tagsOf)
  const {
    softTimeout,
    loaderTimeout = DEFAULT_LOADER_TIMEOUT,
    errorBackoff = DEFAULT_ERROR_BACKOFF,
  } = given
  return {
    ...settings,
    softTimeoutMs:
      softTimeout === undefined ? Number.POSITIVE_INFINITY : toMs(softTimeout, 'softTimeout', 0),
    loaderTimeoutMs: toMs(loaderTimeout, 'loaderTimeout'),
    errorBackoffMs: toMs(errorBackoff, 'errorBackoff', 0),
  }
}
