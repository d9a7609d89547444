import { CacheBase } from './cache-base.ts'
import type { CacheOptions } from './cache-options.ts'
import { checkCacheOptions } from './check-cache-options.ts'

/**
 * `HerdCache` without the wait for each other: a process that misses a value loads it, whoever else is
 * loading it too. One of those loads is stored, and it never overwrites a delete or a newer value.
 *
 * @throws InvalidArgumentError for a wrong option, key or time, before anything is sent.
 */
export class Cache extends CacheBase<Cache> {
  readonly #options: CacheOptions

  constructor(options: CacheOptions) {
    checkCacheOptions(options)
    super(options, { waitMs: 0, onWaitTimeout: 'load' })
    this.#options = options
  }

  protected override child(namespace: string): Cache {
    return new Cache({ ...this.#options, namespace })
  }
}
