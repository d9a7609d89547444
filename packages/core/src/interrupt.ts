type Listener = (reason: unknown) => void

/** Ends one acquisition early, whatever it is waiting for: its signal aborted, or its locks closed. */
export class Interrupt {
  /** The first is the only one, nearly always: a set for each acquisition would cost more than the rest. */
  #listener: Listener | undefined
  #others: Set<Listener> | undefined
  #tripped: { readonly reason: unknown } | undefined

  /** The first reason counts. */
  trip(reason: unknown): void {
    if (this.#tripped) return
    this.#tripped = { reason }
    this.#listener?.(reason)
    for (const listener of this.#others ?? []) listener(reason)
  }

  get tripped(): boolean {
    return this.#tripped !== undefined
  }

  throwIfTripped(): void {
    if (this.#tripped) throw this.#tripped.reason
  }

  /** @returns how to stop listening. */
  onTrip(listener: Listener): () => void {
    if (!this.#listener) {
      this.#listener = listener
      return () => {
        if (this.#listener === listener) this.#listener = undefined
      }
    }
    this.#others ??= new Set()
    const others = this.#others.add(listener)
    return () => others.delete(listener)
  }
}

/**
 * Many waiters on one AbortSignal behind a single listener: Node warns from the eleventh on, and adding
 * the n-th costs n. (`AbortSignal.any` would do, but it stalls the event loop of Node 22.)
 */
export class AbortHub {
  readonly #interrupts = new WeakMap<AbortSignal, Set<Interrupt>>()

  /** Trips `interrupt` when `signal` aborts. @returns how to stop that. */
  connect(signal: AbortSignal, interrupt: Interrupt): () => void {
    if (signal.aborted) interrupt.trip(signal.reason)
    const interrupts = this.#interrupts.get(signal) ?? this.#watch(signal)
    interrupts.add(interrupt)
    return () => interrupts.delete(interrupt)
  }

  #watch(signal: AbortSignal): Set<Interrupt> {
    const interrupts = new Set<Interrupt>()
    this.#interrupts.set(signal, interrupts)
    const tripAll = () => {
      for (const interrupt of interrupts) interrupt.trip(signal.reason)
    }
    signal.addEventListener('abort', tripAll, { once: true })
    return interrupts
  }
}
