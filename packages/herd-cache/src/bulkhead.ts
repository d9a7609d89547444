import { type Clock, LoadTimeoutError } from '@locks/core'
import type { Interrupt } from '@locks/core/parts'

interface Room {
  readonly clock: Clock
  /** How long to wait for a place. */
  readonly waitMs: number
  /** Whatever ends the wait. */
  readonly interrupts: readonly Interrupt[]
}

/** Lets so many tasks run at once; the others wait their turn. */
export class Bulkhead {
  readonly #max: number
  readonly #waiting = new Set<() => void>()
  #running = 0

  constructor(max: number) {
    this.#max = max
  }

  /** @throws what `task` throws; LoadTimeoutError when it had no turn in time. */
  async run<T>(task: () => Promise<T>, room: Room): Promise<T> {
    if (this.#running < this.#max) this.#running++
    else await this.#turn(room)
    try {
      return await task()
    } finally {
      const [next] = this.#waiting
      if (next) next()
      else this.#running--
    }
  }

  /** The place is handed on by who leaves it. */
  async #turn({ clock, waitMs, interrupts }: Room): Promise<void> {
    const stops: (() => void)[] = []
    let enter = () => {}
    try {
      await new Promise<void>((resolve, reject) => {
        enter = () => {
          this.#waiting.delete(enter)
          resolve()
        }
        this.#waiting.add(enter)
        const late = () =>
          reject(new LoadTimeoutError(`there was no room for the loader within ${waitMs} ms`))
        if (Number.isFinite(waitMs)) stops.push(clock.after(waitMs, late))
        for (const each of interrupts) stops.push(each.onTrip(reject))
      })
    } finally {
      this.#waiting.delete(enter)
      for (const stop of stops) stop()
    }
  }
}
