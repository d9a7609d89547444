import type { CacheStore, Clock, LoadSignal, Subscription } from '@locks/core'
import type { Interrupt } from '@locks/core/parts'

/** Enough for every signal that can arrive between a reply and the moment its reader listens. */
const RECENT_MAX = 1000

/**
 * What became of the loads of this cache, as far as the store pushes it. Opened by the first miss.
 *
 * Signals go by the load's token. A signal can overtake the reply that tells whom to wait for, so the
 * recent ones are kept.
 */
export class LoadSignals {
  readonly #store: CacheStore
  readonly #clock: Clock
  readonly #prefix: string
  readonly #recent = new Map<string, LoadSignal>()
  readonly #waiting = new Map<string, Set<(signal?: LoadSignal) => void>>()
  readonly #leading = new Map<string, () => void>()
  #subscription: Subscription | undefined
  #listening = false

  constructor(store: CacheStore, clock: Clock, prefix: string) {
    this.#store = store
    this.#clock = clock
    this.#prefix = prefix
  }

  /** No signal about a load of `key` that is asked about from now on will be missed. */
  hears(key: string): boolean {
    return this.#listening && this.#covers(key)
  }

  /** Begins to listen, if that can help with `key`; without success the next call tries anew. */
  open(key: string): void {
    if (this.#subscription || !this.#covers(key)) return
    const subscription = this.#store.onSignal?.(this.#prefix, {
      signal: (_, signal) => this.#deliver(signal),
      disconnected: () => this.#stopListening(),
      reconnected: () => {
        this.#listening = true
      },
    })
    if (!subscription) return
    this.#subscription = subscription
    subscription.ready.then(
      () => {
        if (this.#subscription === subscription) this.#listening = true
      },
      () => {
        if (this.#subscription === subscription) void this.close()
      },
    )
  }

  /** Calls `onVoided` if a delete or a newer value voids the load that runs here under `token`. */
  lead(token: string, onVoided: () => void): () => void {
    this.#leading.set(token, onVoided)
    return () => this.#leading.delete(token)
  }

  /**
   * The signal of the load under `token`; `undefined` after `delayMs`, or when signals may be lost.
   * @throws the reason of an interrupt that trips.
   */
  next(
    token: string,
    delayMs: number,
    interrupts: readonly Interrupt[],
  ): Promise<LoadSignal | undefined> {
    const known = this.#recent.get(token)
    if (known) return Promise.resolve(known)
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(token) ?? new Set()
      this.#waiting.set(token, waiting)
      const settle = (end: () => void) => {
        cancel()
        for (const stop of stops) stop()
        waiting.delete(wake)
        if (waiting.size === 0) this.#waiting.delete(token)
        end()
      }
      const wake = (signal?: LoadSignal) => settle(() => resolve(signal))
      const cancel = this.#clock.after(delayMs, () => wake())
      const stops = interrupts.map((each) => each.onTrip((reason) => settle(() => reject(reason))))
      waiting.add(wake)
    })
  }

  async close(): Promise<void> {
    const subscription = this.#subscription
    this.#subscription = undefined
    this.#stopListening()
    await subscription?.close()
  }

  /** An identity of the user's own may lead elsewhere. */
  #covers(key: string): boolean {
    return key.startsWith(`${this.#prefix}{`)
  }

  #deliver(signal: LoadSignal): void {
    if (signal.type === 'changed') return
    const { token } = signal
    if (signal.type === 'voided') this.#leading.get(token)?.()
    for (const wake of [...(this.#waiting.get(token) ?? [])]) wake(signal)
    this.#recent.set(token, signal)
    const [oldest] = this.#recent.keys()
    if (this.#recent.size > RECENT_MAX && oldest !== undefined) this.#recent.delete(oldest)
  }

  /** Whoever waits looks for itself from now on. */
  #stopListening(): void {
    this.#listening = false
    for (const waiting of [...this.#waiting.values()]) for (const wake of [...waiting]) wake()
  }
}
