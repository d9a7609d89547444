import { type Link, LinkedSet } from '../linked-set.ts'

/** A store that answers has thousands behind it within a moment, and one that does not has few to refuse. */
export const UNDOS_AT_ONCE = 128

interface Waiting extends Link<Waiting> {
  readonly enter: () => void
}

/**
 * Lets so many in at a time. Who tries for the first time comes before who has tried in vain: part of a
 * store may be down.
 */
export class UndoLane {
  #free = UNDOS_AT_ONCE
  readonly #first = new LinkedSet<Waiting>()
  readonly #again = new LinkedSet<Waiting>()

  /** `undefined` = in; else resolves then. Whoever is in has to leave. */
  enter(attempt: number): Promise<void> | undefined {
    if (this.#free === 0) {
      const line = attempt === 0 ? this.#first : this.#again
      return new Promise((enter) => line.add({ enter }))
    }
    this.#free--
    return undefined
  }

  leave(): void {
    const line = this.#first.first ? this.#first : this.#again
    const next = line.first
    if (!next) {
      this.#free++
      return
    }
    line.delete(next)
    next.enter()
  }
}
