import type { Duration } from '@locks/core'
import { toMs } from '@locks/core/parts'
import { CacheBase } from './cache-base.ts'
import type { CacheOptions } from './cache-options.ts'

export interface HerdCacheOptions extends CacheOptions {
  /** How long a load in another process is waited for, before this one loads too. Default 30 s. */
  readonly waitTimeout?: Duration
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
    super(options, toMs(options.waitTimeout ?? '30s', 'waitTimeout'))
    this.#options = options
  }

  protected override child(namespace: string): HerdCache {
    return new HerdCache({ ...this.#options, namespace })
  }
}
