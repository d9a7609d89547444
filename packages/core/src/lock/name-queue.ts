import type { CancelTimer, Clock } from '../clock.ts'
import type { AcquireReply } from '../contract/lease-store.ts'
import type { Random } from '../random.ts'
import { Place } from './place.ts'

/** Spreads the processes that ask at the end of one lease. */
const JITTER_MS = 30

/** Once all have asked, so long nobody is made to ask by a place that was lost before. */
const QUIET_MS = 4000

/**
 * The waiters of one name in this process, oldest first. One timer for all of them stands behind the
 * pushes: at the end of the lease in the way, or when a grant to a dead waiter would have ended, one of
 * them asks the store, which then serves whoever is first. So waiting costs one command per process and
 * 5 s at most, however many wait. Should the store have lost the queue, all ask, once.
 */
export class NameQueue {
  readonly #clock: Clock
  readonly #random: Random
  readonly #places = new Set<Place>()
  #cancel: CancelTimer = () => {}
  /** When the timer is due; Infinity = none is armed. */
  #ringsAtMs = Infinity
  /** When the lease in the way ends, and how long after that another one asks. */
  #endsAtMs = Infinity
  #retryMs = Infinity
  /** Asks because another one had lost its place. */
  #witness: Place | undefined
  #quietUntilMs = Number.NEGATIVE_INFINITY

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
    if (this.isEmpty) this.#disarm()
  }

  /** Everybody asks the store, oldest first; `but` has asked just now. */
  askAll(but?: Place): void {
    this.#quietUntilMs = this.#clock.now() + QUIET_MS
    this.#witness = undefined
    for (const place of this.#places) if (place !== but) place.ask()
  }

  /**
   * The store has answered `place`. One that asked again and had its place no more may have been served
   * unheard; if the next one has lost its own too, the store has lost them all.
   */
  answered(place: Place, reply: AcquireReply): void {
    const isWitness = place === this.#witness
    if (isWitness) this.#witness = undefined
    const isLost = place.asksAgain && 'kept' in reply && reply.kept === false
    if (!isLost || this.#clock.now() < this.#quietUntilMs) return
    if (isWitness) this.askAll(place)
    else this.#callWitness(place)
  }

  /** What the store said last: the lease in the way ends in `remainingMs`. */
  expectEnd(remainingMs: number, retryMs: number): void {
    const nowMs = this.#clock.now()
    this.#endsAtMs = nowMs + remainingMs + 1 + this.#random.fraction() * JITTER_MS
    this.#retryMs = retryMs
    // A timer that rings too early looks again: answers come more often than ends.
    if (this.#endsAtMs < this.#ringsAtMs) this.#arm(nowMs)
  }

  #arm(nowMs: number): void {
    this.#disarm()
    this.#ringsAtMs = this.#endsAtMs
    this.#cancel = this.#clock.after(this.#endsAtMs - nowMs, () => this.#ring())
  }

  #disarm(): void {
    this.#cancel()
    this.#ringsAtMs = Infinity
  }

  #ring(): void {
    this.#ringsAtMs = Infinity
    const nowMs = this.#clock.now()
    if (nowMs < this.#endsAtMs) {
      this.#arm(nowMs)
      return
    }
    // Should the one who asks get no answer, another one will.
    this.expectEnd(this.#retryMs, this.#retryMs)
    const [first] = this.#places
    first?.ask()
  }

  #callWitness(place: Place): void {
    for (const other of this.#places) {
      if (other === place) continue
      this.#witness = other
      other.ask()
      return
    }
  }
}
