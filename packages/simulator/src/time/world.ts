import { Dice } from './dice.ts'
import { EventHeap } from './event-heap.ts'
import { settle } from './settle.ts'
import type { EventTarget, SimEvent } from './sim-event.ts'
import { Trace } from './trace.ts'
import type { Violation } from './violation.ts'

/** Virtual epoch of all schedules: what a correct wall clock shows at 0. */
export const EPOCH_MS = 1_700_000_000_000

/** More than ten times what the longest good schedule needs. */
const EVENTS_MAX = 20_000

/**
 * Time, chance and everything that is going to happen. One event at a time; between two of them all
 * promises that can settle have settled, so a schedule is the same each time it runs.
 */
export class World {
  readonly dice: Dice
  readonly trace: Trace
  /** Real time, ms. Clients see it through their own clocks only. */
  nowMs = 0
  events = 0
  violation: Violation | undefined
  readonly #heap = new EventHeap()
  #order = 0

  constructor(seed: number, readable: boolean) {
    this.dice = new Dice(seed)
    this.trace = new Trace(readable)
  }

  at(atMs: number, what: string, run: () => void, target?: EventTarget): SimEvent {
    const event = { atMs, order: this.#order++, what, run, target, cancelled: false }
    this.#heap.push(event)
    return event
  }

  in(delayMs: number, what: string, run: () => void, target?: EventTarget): SimEvent {
    return this.at(this.nowMs + delayMs, what, run, target)
  }

  /** The first one counts and ends the schedule. */
  violate(invariant: string, message: string): void {
    if (this.violation) return
    this.violation = { invariant, message, atMs: this.nowMs }
    this.trace.add(this.nowMs, -1, `VIOLATION ${invariant}`, message)
  }

  /** Until nothing is left to happen; `watch` looks on after each event. */
  run(watch: () => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const runAll = () => {
        try {
          resolve(this.#runAll(watch))
        } catch (error) {
          reject(error)
        }
      }
      // biome-ignore lint/style/noRestrictedGlobals: promises settle in a callback of the real event loop
      setImmediate(runAll)
    })
  }

  #runAll(watch: () => void): void {
    for (let event = this.#next(); event; event = this.#next()) {
      if (++this.events > EVENTS_MAX) this.violate('rest', 'the schedule does not come to rest')
      this.trace.add(this.nowMs, event.target ? event.target.id : -1, event.what)
      event.run()
      if (event.target) settle()
      watch()
      if (this.violation) return
      // A lock that is found lost by whoever looks on wakes those who wait for it.
      settle()
    }
  }

  /** The next event that really happens, and the time of it. */
  #next(): SimEvent | undefined {
    for (let event = this.#heap.pop(); event; event = this.#heap.pop()) {
      if (event.cancelled) continue
      if (event.atMs > this.nowMs) this.nowMs = event.atMs
      if (!event.target || event.target.admits(event)) return event
    }
    return undefined
  }
}
