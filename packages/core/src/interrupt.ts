type Listener = (reason: unknown) => void

/** Ends one acquisition early, whatever it is waiting for: its signal aborted, or its locks closed. */
export class Interrupt {
  readonly #listeners = new Set<Listener>()
  #tripped: { readonly reason: unknown } | undefined

  /** The first reason counts. */
  trip(reason: unknown): void {
    if (this.#tripped) return
    this.#tripped = { reason }
    for (const listener of this.#listeners) listener(reason)
  }

  get tripped(): boolean {
    return this.#tripped !== undefined
  }

  throwIfTripped(): void {
    if (this.#tripped) throw this.#tripped.reason
  }

  /** @returns how to stop listening. */
  onTrip(listener: Listener): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
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
