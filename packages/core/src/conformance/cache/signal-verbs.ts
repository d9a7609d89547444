import type { CacheStore, LoadSignal } from '../../contract/cache-store.ts'
import type { Subscription } from '../../contract/subscription.ts'
import { freshToken } from '../names.ts'
import { Pushes } from '../pushes.ts'
import { inState } from '../replies.ts'

/** Who listens at a store, and hears what becomes of the loads of one key. */
export class SignalEar {
  readonly #store: CacheStore
  readonly #signals = new Pushes<LoadSignal>()
  readonly #subscription: Subscription | undefined
  readonly #lastKey: string
  /** How many there were. */
  count = 0

  constructor(store: CacheStore, key: string, prefix: string) {
    this.#store = store
    // By the same hash tag in the same place of a cluster: signals of two places overtake one another.
    this.#lastKey = `${prefix}${key.slice(key.indexOf('{'))}-${freshToken()}`
    this.#subscription = store.onSignal?.(prefix, {
      signal: (signalled, signal) => {
        // Others may use the store and the prefix.
        if (signalled === key) this.count++
        if (signalled === key || signalled === this.#lastKey) this.#signals.add(signal)
      },
      disconnected() {},
      reconnected() {},
    })
  }

  async ready(): Promise<this> {
    await this.#subscription?.ready
    return this
  }

  /** All signals so far that nobody has taken: they come ahead of one for another key. */
  async heard(): Promise<readonly LoadSignal[]> {
    const last = freshToken()
    const lease = { key: this.#lastKey, token: last, leaseMs: 60_000 }
    inState(await this.#store.lease(lease), 'won')
    await this.#store.remove([this.#lastKey])
    return this.#signals.until((signal) => 'token' in signal && signal.token === last)
  }

  async close(): Promise<void> {
    await this.#subscription?.close()
  }
}

/** What the rules about signals do with `key`. */
export function signalVerbs(store: CacheStore, key: string) {
  const ears: SignalEar[] = []
  return {
    /** Somebody who hears what becomes of the loads of `key` if it has that prefix. */
    async listen(prefix = key.slice(0, key.indexOf('{'))) {
      const ear = new SignalEar(store, key, prefix)
      ears.push(ear)
      return ear.ready()
    },
    async close() {
      for (const ear of ears) await ear.close()
    },
  }
}
