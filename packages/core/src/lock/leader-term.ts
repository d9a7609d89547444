import type { Interrupt } from '../interrupt.ts'
import type { HeldLock } from './held-lock.ts'
import type { Term } from './term.ts'

/** A lock in the hands of a leader, who is told of its loss and of the end of the campaign alike. */
export class LeaderTerm implements Term {
  readonly name: string
  readonly fence: number | undefined
  readonly #lock: HeldLock
  readonly #controller = new AbortController()

  constructor(lock: HeldLock, campaignEnd: Interrupt) {
    this.name = lock.name
    this.fence = lock.fence
    this.#lock = lock
    const { signal } = lock
    const stop = campaignEnd.onTrip((reason) => this.#controller.abort(reason))
    signal.addEventListener('abort', () => this.#controller.abort(signal.reason), { once: true })
    this.end = stop
  }

  /** The callback is done: the campaign's end is no news to it any more. */
  readonly end: () => void

  get signal(): AbortSignal {
    return this.#controller.signal
  }

  get held(): boolean {
    return this.#lock.held
  }

  assertHeld(): void {
    this.#lock.assertHeld()
  }
}
