import { type Duration, InvalidArgumentError } from '@locks/core'
import { toMs } from '@locks/core/parts'
import { CacheBase } from './cache-base.ts'
import type { CacheOptions } from './cache-options.ts'
import { checkCacheOptions } from './check-cache-options.ts'

/** As `CacheOptions`, and how a load in another process is waited for. */
export interface HerdCacheOptions extends CacheOptions {
  /** How long a load in another process is waited for. Default `loaderTimeout`. */
  readonly waitTimeout?: Duration
  /** After that: load without storing the value, or reject with LoadTimeoutError. Default `load`. */
  readonly onWaitTimeout?: 'load' | 'reject'
}

/**
 * A cache that a herd cannot get through: one load per key at a time across all processes on the store,
 * and a slow load never overwrites a delete or a newer value.
 *
 * @throws InvalidArgumentError for a wrong option, key or time, before anything is sent.
 */
export class HerdCache extends CacheBase<HerdCache> {
  readonly #options: HerdCacheOptions

  constructor(options: HerdCacheOptions) {
    checkCacheOptions(options)
    const { loaderTimeout = '30s', waitTimeout = loaderTimeout, onWaitTimeout = 'load' } = options
    if (onWaitTimeout !== 'load' && onWaitTimeout !== 'reject')
      throw new InvalidArgumentError("onWaitTimeout must be 'load' or 'reject'")
    super(options, { waitMs: toMs(waitTimeout, 'waitTimeout'), onWaitTimeout })
    this.#options = options
  }

  protected override child(namespace: string): HerdCache {
    return new HerdCache({ ...this.#options, namespace })
  }
}
