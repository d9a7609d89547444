import type { LockMode } from './options.ts'

/** One of those who hold a name; never its token. */
export interface HolderState {
  /** `shared` for a reader; everything else is exclusive. */
  readonly mode: LockMode
  /** How much of the capacity it takes. */
  readonly units: number
  /** By the store's clock, its grace included. */
  readonly remainingMs: number
  /** As its holder has it; `undefined` where the store has no fencing. */
  readonly fence: number | undefined
}

/** What the store knows of one name. */
export interface LockState {
  /** The encoded name. */
  readonly name: string
  /** None = the lock is free. */
  readonly holders: readonly HolderState[]
  /** 1 for an exclusive lock, the number of permits, or 2³¹ for a name with readers and writers. */
  readonly capacity: number
  /** How many stand in the store's queue; some of them may be gone. */
  readonly waiters: number
}
