/** Keeps a timer from running; nothing, once it has run. */
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

/** A timer that fires later than that: the event loop has stood still meanwhile. */
const STALL_MS = 20

/** Time as Node tells it: the default everywhere. */
export const systemClock: Clock = {
  now: () => performance.now(),
  wall: () => Date.now(),
  after(delayMs, callback, { background = false } = {}) {
    const timer: Timer = { dueMs: performance.now() + delayMs, callback, background }
    arm(timer, delayMs)
    return () => {
      clearTimeout(timer.timeout)
      if (timer.afterReading) clearImmediate(timer.afterReading)
    }
  },
}

interface Timer {
  readonly dueMs: number
  readonly callback: () => void
  readonly background: boolean
  timeout?: NodeJS.Timeout
  afterReading?: NodeJS.Immediate
}

function arm(timer: Timer, leftMs: number): void {
  timer.timeout = setTimeout(() => fire(timer), Math.min(leftMs, TIMER_MAX_MS))
  if (timer.background) timer.timeout.unref()
}

/**
 * Node drops the fraction of a delay, so a timer may fire before it is due. After a stall it fires before
 * anything that has arrived meanwhile is read: then that comes first, or every command under way would be
 * given up, and repeated, although its answer is here.
 */
function fire(timer: Timer): void {
  const leftMs = timer.dueMs - performance.now()
  if (leftMs > 0) arm(timer, leftMs)
  else if (leftMs > -STALL_MS) timer.callback()
  else {
    timer.afterReading = setImmediate(timer.callback)
    if (timer.background) timer.afterReading.unref()
  }
}
