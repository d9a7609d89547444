import { setImmediate } from 'node:timers'
import type { CancelTimer, Clock } from '../../src/clock.ts'

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

/** Time that passes only when a test says so. */
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

  /** Timers that are armed; `background` and others. */
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
    await drainMicrotasks()
    for (let next = this.#due(endMs); next; next = this.#due(endMs)) {
      if (this.#ran++ > TIMERS_MAX) throw new Error('the timers do not get ahead')
      this.#timers.delete(next)
      this.#nowMs = Math.max(this.#nowMs, next.dueMs)
      next.callback()
      await drainMicrotasks()
    }
    this.#nowMs = Math.max(this.#nowMs, endMs)
  }

  /** The event loop stalls: time passes and no timer runs; overdue ones do at the next `advance`. */
  block(ms: number): void {
    this.#nowMs += ms
  }

  /** Somebody sets the machine's clock. */
  stepWall(ms: number): void {
    this.#wallOffsetMs += ms
  }

  #due(endMs: number): Timer | undefined {
    let first: Timer | undefined
    for (const timer of this.#timers) {
      if (timer.dueMs > endMs) continue
      const earlier = first === undefined || timer.dueMs < first.dueMs
      if (earlier || (timer.dueMs === first?.dueMs && timer.order < first.order)) first = timer
    }
    return first
  }
}

/** Every promise job that is ready has run, and with it the search for unhandled rejections. */
function drainMicrotasks(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve))
}
