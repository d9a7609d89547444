import type { Clock } from '@locks/core'
import { LinkedMap } from '@locks/core/parts'

const SWEEP_MS = 30_000

export interface StateRules<State> {
  /** What is known of a key that is not in the map. */
  readonly create: () => State
  /** Drops what has expired. */
  readonly settle: (state: State) => void
  /** Nothing worth keeping is left. */
  readonly isSpent: (state: State) => boolean
}

/** State per key that is forgotten when it says nothing any more, looked at or not. */
export class ExpiringMap<State> {
  readonly #clock: Clock
  readonly #rules: StateRules<State>
  readonly #states = new LinkedMap<State>()
  #sweepIsDue = false

  constructor(clock: Clock, rules: StateRules<State>) {
    this.#clock = clock
    this.#rules = rules
  }

  /** Runs one step on the state of `key` and keeps what is left of it. */
  update<Reply>(key: string, step: (state: State) => Reply): Reply {
    const known = this.#states.get(key)
    const state = known ?? this.#rules.create()
    const reply = step(state)
    const isSpent = this.#rules.isSpent(state)
    if (isSpent && known) this.#states.delete(key)
    else if (!isSpent && !known) this.#keep(key, state)
    return reply
  }

  /** The keys whose state is such, without what has expired. */
  keys(isSuch: (state: State) => boolean): string[] {
    this.#settle()
    return [...this.#states].filter(([, state]) => isSuch(state)).map(([key]) => key)
  }

  get size(): number {
    return this.#states.size
  }

  #keep(key: string, state: State): void {
    this.#states.set(key, state)
    this.#sweepLater()
  }

  /** No timer while the map is empty. */
  #sweepLater(): void {
    if (this.#states.size === 0 || this.#sweepIsDue) return
    this.#sweepIsDue = true
    this.#clock.after(SWEEP_MS, () => this.#sweep(), { background: true })
  }

  #sweep(): void {
    this.#sweepIsDue = false
    this.#settle()
    this.#sweepLater()
  }

  #settle(): void {
    for (const [key, state] of this.#states) {
      this.#rules.settle(state)
      if (this.#rules.isSpent(state)) this.#states.delete(key)
    }
  }
}
