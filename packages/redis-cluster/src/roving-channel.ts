import { type Subscription, systemClock, systemRandom } from '@locks/core'
import { backoffMs, Interrupt, sleep, withDeadline } from '@locks/core/parts'
import type { Push, PushListener } from '@locks/redis/parts'

const BACKOFF = { firstMs: 50, maxMs: 2_000 }
/** A node that has not let us listen by then may be down: the next one, please. */
const NODE_MS = 2_000

/**
 * A channel that every node has: when the connection to one is lost, it is heard from another. No client
 * does that for a subscription, and whoever waits for signals sends no commands that would find the way.
 */
export class RovingChannel {
  readonly ready: Promise<void>
  readonly #name: string
  readonly #listener: PushListener
  readonly #pick: (lost: Push | undefined) => Push
  #push: Push | undefined
  #subscription: Subscription | undefined
  #isClosed = false

  constructor(name: string, listener: PushListener, pick: (lost: Push | undefined) => Push) {
    this.#name = name
    this.#listener = listener
    this.#pick = pick
    this.ready = this.#settle()
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await this.#subscription?.close()
  }

  /** Never rejects: a cluster that lets nobody listen is one that answers nothing. */
  async #settle(): Promise<void> {
    for (let attempt = 0; !this.#isClosed; attempt++) {
      try {
        await this.#listen()
        return
      } catch {
        await this.#subscription?.close().catch(() => {})
      }
      await sleep(systemClock, backoffMs(attempt, BACKOFF, systemRandom), new Interrupt())
    }
  }

  async #listen(): Promise<void> {
    this.#push = this.#pick(this.#push)
    const subscription = this.#push.listen(this.#name, {
      message: (text) => this.#listener.message(text),
      disconnected: () => {
        if (this.#subscription === subscription) void this.#lost(subscription)
      },
      reconnected() {},
    })
    this.#subscription = subscription
    await withDeadline(systemClock, NODE_MS, subscription.ready)
  }

  async #lost(subscription: Subscription): Promise<void> {
    this.#subscription = undefined
    this.#listener.disconnected()
    await subscription.close().catch(() => {})
    await this.#settle()
    if (!this.#isClosed) this.#listener.reconnected()
  }
}
