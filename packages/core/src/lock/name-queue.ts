import type { CancelTimer, Clock } from '../clock.ts'
import type { Random } from '../random.ts'
import { Place } from './place.ts'

/** Spreads the processes that ask at the end of one lease. */
const JITTER_MS = 30

/**
 * The waiters of one name in this process, oldest first. One timer for all of them stands behind the
 * pushes: at the end of the lease in the way, or when a grant to a dead waiter would have ended, one of
 * them asks the store, which then serves whoever is first. So waiting costs one command per process and
 * 5 s at most, however many wait.
 */
export class NameQueue {
  readonly #clock: Clock
  readonly #random: Random
  readonly #places = new Set<Place>()
  #cancel: CancelTimer = () => {}

  constructor(clock: Clock, random: Random) {
    this.#clock = clock
    this.#random = random
  }

  get isEmpty(): boolean {
    return this.#places.size === 0
  }

  enter(): Place {
    const place = new Place()
    this.#places.add(place)
    return place
  }

  leave(place: Place): void {
    this.#places.delete(place)
    if (this.isEmpty) this.#cancel()
  }

  /** What the store said last: the lease in the way ends in `remainingMs`. */
  expectEnd(remainingMs: number, retryMs: number): void {
    this.#cancel()
    const delayMs = remainingMs + 1 + this.#random.fraction() * JITTER_MS
    this.#cancel = this.#clock.after(delayMs, () => {
      // Should the one who asks get no answer, another one will.
      this.expectEnd(retryMs, retryMs)
      const [first] = this.#places
      first?.ask()
    })
  }
}
