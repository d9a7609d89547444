import type { Clock } from '../clock.ts'
import type { Wanted } from './attempt.ts'
import { Turn } from './turn.ts'
import { WaitingLine } from './waiting-line.ts'

/** Who waits here for the names of a store without a queue. */
export class WaitingLines {
  readonly #clock: Clock
  /** By key. No line is empty. */
  readonly #lines = new Map<string, WaitingLine>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Stands at the end of the line until it leaves. */
  enter({ key, onSelfWait }: Pick<Wanted, 'key' | 'onSelfWait'>): Turn {
    const line = this.#lines.get(key) ?? new WaitingLine(() => this.#lines.delete(key))
    this.#lines.set(key, line)
    const turn = new Turn(this.#clock, line, onSelfWait)
    line.enter(turn)
    return turn
  }

  /** A lease of the name has ended here: whoever is first need not sleep on it. */
  freed(key: string): void {
    this.#lines.get(key)?.freed()
  }
}
