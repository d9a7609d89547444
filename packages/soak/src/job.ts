import type { CacheStore, LeaseStore, Locks } from '@locks/core'
import type { HerdCache } from '@locks/herd-cache'

/** What all jobs of a process work on. */
export interface Site {
  readonly store: LeaseStore & CacheStore
  readonly locks: Locks
  readonly cache: HerdCache
  /** With a near cache in front. */
  readonly near: HerdCache
  /** Never aborts: whoever leaves a listener on it leaks. */
  readonly forever: AbortSignal
  /** The store can queue, share and count permits. */
  readonly queues: boolean
}

/** Something that services do; `n` is another number each time. Afterwards nothing must be left of it. */
export type Job = (site: Site, n: number) => Promise<unknown>
