import type { CacheStore } from '../contract/cache-store.ts'
import { batch } from './cache/batch.ts'
import { type CacheBench, cacheBench } from './cache/bench.ts'
import { closing } from './cache/closing.ts'
import { commit } from './cache/commit.ts'
import { compareAndSet } from './cache/compare-and-set.ts'
import { contention } from './cache/contention.ts'
import { election } from './cache/election.ts'
import { entryListing } from './cache/entry-listing.ts'
import { expiry } from './cache/expiry.ts'
import { failure } from './cache/failure.ts'
import { lateness } from './cache/lateness.ts'
import { loadLease } from './cache/load-lease.ts'
import { readWrite } from './cache/read-write.ts'
import { signals } from './cache/signals.ts'
import { valueLimit } from './cache/value-limit.ts'
import { voiding } from './cache/voiding.ts'
import { type Registered, register } from './register.ts'
import type { Runner } from './runner.ts'

/** What `cacheStoreConformance` is to judge. */
export interface CacheConformanceOptions<
  Created extends CacheStore | Promise<CacheStore> = CacheStore | Promise<CacheStore>,
> {
  /** Whose suite it is, for the report. */
  readonly name?: string
  /** A store of its own at each call; it may share its server with whatever else. It is closed. */
  readonly create: () => Created
}

/**
 * Registers one case for each rule that a cache store must keep. None can be switched off: what the
 * store's own facts and methods rule out is skipped, with the reason in the case's name.
 *
 * When `create` is asynchronous so is this: `await` it at the top level of the test file.
 */
export function cacheStoreConformance<Created extends CacheStore | Promise<CacheStore>>(
  runner: Runner,
  { name = 'a cache store', create }: CacheConformanceOptions<Created>,
): Registered<Created> {
  return register<CacheStore, CacheBench, Created>(runner, {
    title: `${name} keeps the rules of CacheStore`,
    create,
    bench: cacheBench,
    groups: [
      readWrite,
      valueLimit,
      batch,
      expiry,
      election,
      loadLease,
      commit,
      voiding,
      compareAndSet,
      entryListing,
      failure,
      lateness,
      signals,
      contention,
      closing,
    ],
  })
}
