export type CancelTimer = () => void

/** The only way to time and timers in the library; the simulator and tests bring their own. */
export interface Clock {
  /** Monotonic milliseconds; leases are judged by it alone. */
  now(): number
  /** Epoch milliseconds. Steps with the machine's clock: never decides who holds a lease. */
  wall(): number
  /**
   * Runs `callback` once, `delayMs` from now at the earliest, however far away.
   * `background`: the timer alone does not keep the process alive.
   */
  after(delayMs: number, callback: () => void, options?: { background?: boolean }): CancelTimer
}

/** Node fires a longer timer at once, so far ones are chained. */
const TIMER_MAX_MS = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after(delayMs, callback, { background = false } = {}) {
    const dueMs = performance.now() + delayMs
    let timer: NodeJS.Timeout
    const arm = (leftMs: number) => {
      timer = setTimeout(fire, Math.min(leftMs, TIMER_MAX_MS))
      if (background) timer.unref()
    }
    // Node drops the fraction of a delay, so a timer may fire before it is due.
    const fire = () => {
      const leftMs = dueMs - performance.now()
      if (leftMs > 0) arm(leftMs)
      else callback()
    }
    arm(delayMs)
    return () => clearTimeout(timer)
  },
}
