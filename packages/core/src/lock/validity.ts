/** Allowance for two clocks that run at different rates: 1 % of the lease, and 2 ms for rounding. */
const marginMs = (remainingMs: number): number => remainingMs * 0.01 + 2

/**
 * Until when, on our monotonic clock, a grant may be believed. The one rule for every grant and extend:
 * it counts from before the sending, so a slow reply only shortens it.
 *
 * @param remainingMs the TTL that the store really set, grace included.
 * @param graceMs the part of it that a holder never counts on.
 */
export function validUntilMs(sentAtMs: number, remainingMs: number, graceMs: number): number {
  return sentAtMs + remainingMs - graceMs - marginMs(remainingMs)
}
