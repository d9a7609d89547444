import type { Term } from '../../src/lock/term.ts'
import type { ManualClock } from '../helpers/manual-clock.ts'

/** Leads until it is told to stop, and for `lingerMs` more. */
export const untilStopped =
  (clock: ManualClock, lingerMs = 0) =>
  async (term: Term) => {
    if (!term.signal.aborted) {
      await new Promise((resolve) => term.signal.addEventListener('abort', resolve))
    }
    if (lingerMs > 0) await new Promise<void>((resolve) => clock.after(lingerMs, resolve))
  }
