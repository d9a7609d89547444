import type { CacheStore, Subscription } from '@locks/core'

/** Who is told of changes. */
export interface ChangeListener {
  changed(key: string): void
  /** Changes may have gone unheard. */
  lost(): void
}

/**
 * The changes of all keys that begin with one prefix, from the store. Opened by the first who wants to
 * hear of one.
 */
export class ChangeFeed {
  readonly #store: CacheStore
  readonly #prefix: string
  readonly #listener: ChangeListener
  #subscription: Subscription | undefined
  #isListening = false
  #isClosed = false

  constructor(store: CacheStore, prefix: string, listener: ChangeListener) {
    this.#store = store
    this.#prefix = prefix
    this.#listener = listener
  }

  /**
   * Whether all is heard that the store tells from now on; also of a store that tells nothing. If not, it
   * begins to listen.
   */
  hears(): boolean {
    if (this.#isClosed) return false
    if (!this.#store.onSignal) return true
    if (!this.#subscription) this.#open()
    return this.#isListening
  }

  #open(): void {
    const subscription = this.#store.onSignal?.(this.#prefix, {
      signal: (key, { type }) => {
        if (type === 'changed') this.#listener.changed(key)
      },
      disconnected: () => this.#lose(),
      reconnected: () => {
        this.#isListening = true
      },
    })
    if (!subscription) return
    this.#subscription = subscription
    const isCurrent = () => this.#subscription === subscription
    subscription.ready.then(
      () => {
        if (isCurrent()) this.#isListening = true
      },
      () => {
        if (isCurrent()) void this.#end()
      },
    )
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#end()
  }

  async #end(): Promise<void> {
    const subscription = this.#subscription
    this.#subscription = undefined
    this.#lose()
    await subscription?.close()
  }

  #lose(): void {
    this.#isListening = false
    this.#listener.lost()
  }
}
