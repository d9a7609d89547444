/**
 * A queue whose items leave in the order they came, each not before its own time.
 * Later items do not wait for earlier ones to be *sent*, so pipelining survives the delay.
 */
export class DelayLine<T> {
  readonly #deliver: (item: T) => void
  #queue: { readonly item: T; readonly dueMs: number }[] = []
  #timer: NodeJS.Timeout | undefined
  #held = false

  constructor(deliver: (item: T) => void) {
    this.#deliver = deliver
  }

  push(item: T, delayMs: number): void {
    this.#queue.push({ item, dueMs: performance.now() + delayMs })
    this.#drain()
  }

  /** While held nothing leaves; afterwards everything that is due does. */
  hold(held: boolean): void {
    this.#held = held
    this.#drain()
  }

  /** Forgets what has not left yet. */
  clear(): void {
    this.#queue = []
    clearTimeout(this.#timer)
    this.#timer = undefined
  }

  #drain(): void {
    if (this.#held || this.#timer !== undefined) return
    for (;;) {
      const next = this.#queue[0]
      if (next === undefined) return
      const waitMs = next.dueMs - performance.now()
      if (waitMs > 0) {
        this.#wakeAfter(waitMs)
        return
      }
      this.#queue.shift()
      this.#deliver(next.item)
    }
  }

  #wakeAfter(waitMs: number): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined
      this.#drain()
    }, Math.ceil(waitMs))
  }
}
