import type { CancelTimer, Clock } from '@locks/core'

interface Timer {
  readonly dueMs: number
  readonly callback: () => void
}

/** What one machine's clocks say when the time line starts. */
export interface MachineTime {
  readonly wallMs?: number
  readonly bootedMs?: number
}

/** A time line that moves only when told to, with as many machines' clocks on it as wanted. */
export class ManualClock implements Clock {
  static readonly START_MS = 1_800_000_000_000
  #nowMs = 0
  readonly #timers = new Set<Timer>()

  now(): number {
    return this.#nowMs
  }

  wall(): number {
    return ManualClock.START_MS + this.#nowMs
  }

  after(delayMs: number, callback: () => void): CancelTimer {
    const timer = { dueMs: this.#nowMs + Math.max(0, delayMs), callback }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Timers that have yet to fire. */
  get pending(): number {
    return this.#timers.size
  }

  /** The clock of a machine whose wall and monotonic clocks started elsewhere. */
  machine({ wallMs = ManualClock.START_MS, bootedMs = 0 }: MachineTime): Clock {
    return {
      now: () => bootedMs + this.#nowMs,
      wall: () => wallMs + this.#nowMs,
      after: (delayMs, callback) => this.after(delayMs, callback),
    }
  }

  /** Lets everything happen that needs no time. */
  async turn(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve))
  }

  /** Runs what falls due, in order, and between all that follows from it. */
  async advance(ms: number): Promise<void> {
    const endMs = this.#nowMs + ms
    await this.turn()
    for (let timer = this.#next(endMs); timer; timer = this.#next(endMs)) {
      this.#timers.delete(timer)
      this.#nowMs = Math.max(this.#nowMs, timer.dueMs)
      timer.callback()
      await this.turn()
    }
    this.#nowMs = endMs
  }

  /** Advances until `promise` settles; to its value. */
  async until<T>(promise: Promise<T>): Promise<T> {
    let pending = true
    const end = () => {
      pending = false
    }
    promise.then(end, end)
    await this.turn()
    for (let timer = this.#next(); pending; timer = this.#next()) {
      if (!timer) throw new Error('nothing will ever happen again')
      await this.advance(Math.max(0, timer.dueMs - this.#nowMs))
    }
    return promise
  }

  #next(endMs = Number.POSITIVE_INFINITY): Timer | undefined {
    let first: Timer | undefined
    for (const timer of this.#timers) {
      if (timer.dueMs <= endMs && (!first || timer.dueMs < first.dueMs)) first = timer
    }
    return first
  }
}
