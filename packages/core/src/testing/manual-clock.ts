import { setImmediate } from 'node:timers'
import type { CancelTimer, Clock } from '../clock.ts'

interface Timer {
  readonly dueMs: number
  readonly order: number
  readonly background: boolean
  readonly callback: () => void
}

/** Where both clocks begin: not at 0, so that a moment used as a delay is seen. */
const START_MS = 500_000
const WALL_START_MS = 1_700_000_000_000

/** More timers than any test means to run: something re-arms itself without moving on. */
const TIMERS_MAX = 200_000

// Taken before a test can put fake timers in its place.
const immediately = setImmediate

/**
 * Time that passes only when a test says so: for the `clock` of `createLocks`, `memoryStore` and
 * `HerdCache`. Whatever shares one such clock lives in one time.
 */
export class ManualClock implements Clock {
  #nowMs = START_MS
  #wallOffsetMs = WALL_START_MS - START_MS
  #armed = 0
  #ran = 0
  readonly #timers = new Set<Timer>()

  now(): number {
    return this.#nowMs
  }

  wall(): number {
    return this.#nowMs + this.#wallOffsetMs
  }

  after(
    delayMs: number,
    callback: () => void,
    { background = false }: { background?: boolean } = {},
  ): CancelTimer {
    if (Number.isNaN(delayMs)) throw new Error('a timer was armed with a delay of NaN')
    const dueMs = this.#nowMs + Math.max(0, delayMs)
    const timer = { dueMs, order: this.#armed++, background, callback }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Milliseconds since this clock was made. */
  get elapsed(): number {
    return this.#nowMs - START_MS
  }

  /** Timers that are armed: those that would keep a process alive, and the others. */
  get armed(): { readonly foreground: number; readonly background: number } {
    const background = [...this.#timers].filter((timer) => timer.background).length
    return { foreground: this.#timers.size - background, background }
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    await this.advance(0)
  }

  /** Lets time pass: due timers run in order, and after each one all that follows from it at once. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms
    await turn()
    for (let next = this.#first(endMs); next; next = this.#first(endMs)) await this.#run(next)
    this.#nowMs = Math.max(this.#nowMs, endMs)
  }

  /**
   * Lets time pass until `promise` settles, and not longer; returns what it returns.
   * @throws what it rejects with; an Error when no timer is left that could settle it.
   */
  async until<T>(given: T | Promise<T>): Promise<T> {
    const promise = Promise.resolve(given)
    let pending = true
    const settled = () => {
      pending = false
    }
    promise.then(settled, settled)
    await turn()
    while (pending) {
      const next = this.#first(Number.POSITIVE_INFINITY)
      if (!next) throw new Error('the promise is pending, and no timer is left to wait for')
      await this.#run(next)
    }
    return promise
  }

  /** The event loop stalls: time passes and no timer runs; overdue ones do at the next `advance`. */
  block(ms: number): void {
    this.#nowMs += ms
  }

  /** Somebody sets the machine's clock: `wall()` jumps, `now()` does not. */
  stepWall(ms: number): void {
    this.#wallOffsetMs += ms
  }

  async #run(timer: Timer): Promise<void> {
    if (this.#ran++ > TIMERS_MAX) throw new Error('the timers do not get ahead')
    this.#timers.delete(timer)
    this.#nowMs = Math.max(this.#nowMs, timer.dueMs)
    timer.callback()
    await turn()
  }

  #first(endMs: number): Timer | undefined {
    let first: Timer | undefined
    for (const timer of this.#timers) {
      if (timer.dueMs > endMs) continue
      const earlier = first === undefined || timer.dueMs < first.dueMs
      if (earlier || (timer.dueMs === first?.dueMs && timer.order < first.order)) first = timer
    }
    return first
  }
}

/** A clock that stands still. */
export function manualClock(): ManualClock {
  return new ManualClock()
}

/** Every promise job that is ready has run, and with it the search for unhandled rejections. */
function turn(): Promise<void> {
  return new Promise((resolve) => immediately(resolve))
}
