import type { CacheStore, LeaseStore, Locks } from '@locks/core'
import type { HerdCache } from '@locks/herd-cache'
import type { Recorder } from '@locks/history'
import type { Chance } from '../chance.ts'
import type { CoordinatorLink } from './coordinator-link.ts'
import type { StoreCaller } from './store-caller.ts'

/** What the tasks of one worker share. Of the memory store there are several in one process. */
export interface Worker {
  readonly name: string
  readonly ttlMs: number
  readonly store: LeaseStore & CacheStore
  readonly locks: Locks
  /** Of a cluster: its grants and renewals are confirmed by replicas. */
  readonly confirmed?: Locks | undefined
  readonly cache: HerdCache
  readonly caller: StoreCaller
  readonly chance: Chance
  readonly recorder: Recorder
  readonly link: CoordinatorLink
  /** A text that nobody else writes. */
  unique(): string
}
