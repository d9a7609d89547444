import type { Busy } from './attempt.ts'
import type { Turn } from './turn.ts'

/** As after so many tries. */
const SLOWEST = 30

/** How a try ended that was not granted. */
export type Refusal = Busy | Error

/**
 * Who waits in this process for one name of a store without a queue: first come, first served. Only the
 * first asks the store, and tells the others what it says. So waiting costs one poller per process and
 * name, however many wait; who comes next goes on at its pace.
 */
export class WaitingLine {
  /** Oldest first. */
  readonly #turns = new Set<Turn>()
  readonly #onEmpty: () => void
  /** Tries in a row that were refused. */
  tries = 0
  /** It was granted to one of this line, and nobody has asked since. */
  isHeldHere = false

  constructor(onEmpty: () => void) {
    this.#onEmpty = onEmpty
  }

  get first(): Turn | undefined {
    return this.#turns.values().next().value
  }

  enter(turn: Turn): void {
    this.#turns.add(turn)
  }

  /** Lets the next one begin, if it was the first. */
  leave(turn: Turn): void {
    const wasFirst = this.first === turn
    if (!this.#turns.delete(turn)) return
    if (this.#turns.size === 0) this.#onEmpty()
    else if (wasFirst) this.first?.wake()
  }

  /** What the store has said to the first. */
  tell(refusal: Refusal): void {
    const { first } = this
    for (const turn of this.#turns) if (turn !== first) turn.hear(refusal)
  }

  /** The first leaves with the lock: only its end, which is told, gives reason to ask again soon. */
  granted(first: Turn, remainingMs: number): void {
    this.tell({ remainingMs })
    this.isHeldHere = true
    this.tries = SLOWEST
    this.leave(first)
  }

  freed(): void {
    this.isHeldHere = false
    this.tries = 0
    this.first?.wake()
  }
}
