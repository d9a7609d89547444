import { checkGiven } from '@locks/core/parts'
import type { CacheOptions } from './cache-options.ts'

/** @throws InvalidArgumentError unless there are options, and a store among them. */
export function checkCacheOptions(options: CacheOptions): void {
  checkGiven(options, 'options')
  checkGiven(options.store, 'a store of a cache', 'read', 'lease', 'commit')
  checkGiven(options.store.facts, 'the facts of a store')
}
