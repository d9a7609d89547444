import type { Duration } from '../duration.ts'

/** How a value is kept that `cas` sets. */
export interface CasOptions {
  /** How long the value is kept from when it was set. Default 1 h, at most 365 days. */
  readonly ttl?: Duration
}

/** A value as it was read, which can be replaced while nobody else has. Holds nothing: just let it go. */
export interface OptimisticValue<T> {
  /** The encoded name. */
  readonly name: string
  /** As it was read, or as `cas` has set it; `undefined` = there was none. */
  readonly value: T | undefined
  /**
   * Sets `next` if nobody has set the value since; a further `cas` goes on from there. Calls take their
   * turn. Whoever gets a conflict reads anew and decides again.
   * @throws ConflictError when it was changed, has expired or was removed; nothing is set. (Where the
   *   client sends commands again, it may have been set and replaced in between.)
   *   StoreUnavailableError without an answer: it may have been set. The next `cas` succeeds either way,
   *   unless somebody else came first. InvalidArgumentError before anything is sent.
   */
  cas(next: T, options?: CasOptions): Promise<true>
}
