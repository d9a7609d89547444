import type { LockMode } from './options.ts'

/** One lock that is held or waited for; never its token. */
export interface LockInfo {
  /** The encoded name. */
  readonly name: string
  /** `undefined` for a waiter in another process. */
  readonly mode: LockMode | undefined
  /** `undefined` while it is waited for, and where the store has no fencing. */
  readonly fence: number | undefined
  /** What is left of the lease: by our own clock, or by the store's. `undefined` while it is waited for. */
  readonly remainingMs: number | undefined
}

/** What `Locks.query` resolves with. */
export interface LockQuery {
  /** In the order of their grants. */
  readonly held: readonly LockInfo[]
  /** In the order of their requests. */
  readonly pending: readonly LockInfo[]
}
