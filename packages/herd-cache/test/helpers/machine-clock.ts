import type { Clock } from '@locks/core'
import { type ManualClock, manualClock } from '@locks/core/testing'

/** What one machine's clocks say when the time line starts. */
export interface MachineTime {
  readonly wallMs?: number
  readonly bootedMs?: number
  /** Seconds that its monotonic clock counts in one second. */
  readonly rate?: number
}

/** What the wall clocks of proper machines say then. */
export const START_MS = manualClock().wall()

/** The clock of a machine whose wall and monotonic clocks started elsewhere, on a time line for all. */
export function machineClock(
  timeLine: ManualClock,
  { wallMs = START_MS, bootedMs = 0, rate = 1 }: MachineTime,
): Clock {
  return {
    now: () => bootedMs + timeLine.elapsed * rate,
    wall: () => wallMs + timeLine.elapsed,
    after: (delayMs, callback, options) => timeLine.after(delayMs, callback, options),
  }
}
