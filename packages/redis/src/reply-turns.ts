/**
 * A turn of the event loop for the replies to each group. What follows upon the replies of one turn is issued
 * in one turn: after those of two groups, two would go out together, come back together, and so on for good,
 * and of client and server one would always wait while the other works.
 */
export class ReplyTurns {
  /** Each of a turn to come. */
  readonly #waiting: (() => void)[][] = []
  #isTaken = false

  /** What comes of a group: at once, or in its turn. */
  begin(settle: () => void): void {
    if (this.#isTaken) this.#waiting.push([settle])
    else this.#take([settle])
  }

  /** What comes of a command alone: nothing that was answered later is told earlier. */
  follow<Value>(settle: (value: Value) => void, value: Value): void {
    const last = this.#waiting.at(-1)
    if (last) last.push(() => settle(value))
    else settle(value)
  }

  #take(turn: readonly (() => void)[]): void {
    this.#isTaken = true
    inNextTurn(this.#leave)
    for (const settle of turn) settle()
  }

  /** A second time: npm redis writes what was issued in a turn in the next one. */
  readonly #leave = (): void => inNextTurn(this.#giveOn)

  readonly #giveOn = (): void => {
    const next = this.#waiting.shift()
    if (next) this.#take(next)
    else this.#isTaken = false
  }
}

// Kept: whoever fakes timers would hold replies back.
// biome-ignore lint/style/noRestrictedGlobals: the real event loop is what is meant
const immediately = setImmediate
const inNextTurn = (task: () => void): void => void immediately(task)
