/** One time of leading, from the election to the end of the callback. */
export interface Term {
  /** The encoded name. */
  readonly name: string
  /** Strictly increasing from term to term; `undefined` where the store has no fencing. */
  readonly fence: number | undefined
  /**
   * Aborts when the callback has to stop: on the loss of the lease, by our own clock and before anybody
   * else is elected (its reason is a `LockLostError`), or when the campaign is ended (its reason is that
   * of the campaign's signal; the lease is then kept until the callback is done).
   */
  readonly signal: AbortSignal
  /** Read from the clock each time. */
  readonly held: boolean
  /** @throws LockLostError unless leading. For the line before a side effect. */
  assertHeld(): void
}
