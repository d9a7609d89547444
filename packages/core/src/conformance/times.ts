import { systemClock } from '../clock.ts'
import { TooLate } from './rule-group.ts'

/** More than a timer and a reply may be off. */
const MARGIN_MS = 50

export const wait = (delayMs: number): Promise<void> =>
  new Promise((resolve) => {
    systemClock.after(delayMs, resolve)
  })

/** How much longer a rule takes its time that was too slow before, at most. */
const PATIENCE_MAX = 8

/**
 * TTLs and waits that suit a store, from the smallest step in which it counts, and a machine that was
 * too slow for a rule `tooLate` times.
 */
export function timesFor(ttlResolutionMs: number, tooLate: number) {
  const patience = Math.min(2 ** tooLate, PATIENCE_MAX)
  return {
    /** How many times longer than usual everything may take. */
    patience,
    /** Short enough to wait for its end, long enough for a few commands before it. */
    shortMs: patience * Math.max(200, 2 * ttlResolutionMs),
    /** No rule takes so long. */
    longMs: Math.max(60_000, 20 * ttlResolutionMs) * patience,
    /** How much more than asked for a store may grant: it rounds up, and may add a step. */
    slackMs: 2 * ttlResolutionMs,
    /** Waits until a TTL that an earlier command has set is over for certain. */
    outlive: (ttlMs: number) => wait(ttlMs + ttlResolutionMs + MARGIN_MS),
    /**
     * Measures from now. `assertInTime` goes before the judgement of a reply that is right only while
     * a TTL still runs: a slow machine starts over, with more time, instead of blaming the store.
     */
    stopwatch() {
      const startMs = systemClock.now()
      return {
        assertInTime(ttlMs: number) {
          const runsForMs = ttlMs - ttlResolutionMs - MARGIN_MS
          if (systemClock.now() - startMs >= runsForMs) throw new TooLate('the machine is too slow')
        },
      }
    },
  }
}
