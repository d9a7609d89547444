import type { CacheStore, SignalListener } from '@locks/core'

/** A process's wire to a store that pushes: pushes are lost or the line is, and reads are held up. */
export class PushingLink {
  readonly store: CacheStore
  /** How many keys were read. */
  reads = 0
  /** Pushes do not arrive. */
  deaf = false
  readonly #listeners = new Set<SignalListener>()
  #held: Promise<void> | undefined

  constructor(store: CacheStore) {
    this.store = {
      ...store,
      read: async (keys) => {
        this.reads++
        const entries = await store.read(keys)
        await this.#held
        return entries
      },
      onSignal: (prefix, listener) => {
        this.#listeners.add(listener)
        return (
          store.onSignal?.(prefix, {
            ...listener,
            signal: (key, signal) => this.deaf || listener.signal(key, signal),
          }) ?? { ready: Promise.resolve(), close: async () => {} }
        )
      },
    }
  }

  disconnect(): void {
    this.deaf = true
    for (const listener of this.#listeners) listener.disconnected()
  }

  reconnect(): void {
    this.deaf = false
    for (const listener of this.#listeners) listener.reconnected()
  }

  /** Replies to reads wait from now on, until the returned is called. */
  hold(): () => void {
    let release = () => {}
    this.#held = new Promise((resolve) => {
      release = resolve
    })
    return () => {
      this.#held = undefined
      release()
    }
  }
}
