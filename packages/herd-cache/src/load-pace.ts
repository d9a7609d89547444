import type { Random } from '@locks/core'
import { type BackoffLimits, backoffMs } from '@locks/core/parts'

const FIRST_GUESS_MS = 50
/** Slow loads of some keys must not keep those waiting who wait for a quick one. */
const FIRST_MAX_MS = 500
const WEIGHT = 0.3
const AGAIN: BackoffLimits = { firstMs: 10, maxMs: 500 }

/**
 * How long loads take, here and elsewhere, so that who waits for one elsewhere looks when it should be
 * over.
 */
export class LoadPace {
  #expectedMs = FIRST_GUESS_MS

  /** A load of no time was none: the value was set. */
  record(loadMs: number): void {
    if (loadMs > 0) this.#expectedMs += (loadMs - this.#expectedMs) * WEIGHT
  }

  /**
   * The pause before look `polls` (from 0) at a load that has run for `runningMs` at least: first what is
   * left of the expected load time, capped, then a back-off.
   */
  pauseMs(polls: number, random: Random, runningMs = 0): number {
    if (polls > 0) return backoffMs(polls - 1, AGAIN, random)
    const leftMs = Math.max(this.#expectedMs - runningMs, AGAIN.firstMs)
    return Math.min(leftMs, FIRST_MAX_MS) * (1 + random.fraction() / 4)
  }
}
