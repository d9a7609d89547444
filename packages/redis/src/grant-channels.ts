import type { GrantListener, PushedGrant, Subscription } from '@locks/core'
import type { Push } from './push.ts'

/** Where a lease store hears of grants. */
export interface GrantPushes {
  /** The channels on which grants of this key are heard, as far as is known. */
  heard(key: string): readonly string[]
  listen(name: string, listener: GrantListener): Subscription
  /**
   * Grants that came in a reply: channel and text in turn. Resolves when those who waited for them have
   * gone on, so that whoever released the lease does not keep them waiting.
   */
  tell(grants: readonly string[]): Promise<void>
  /** Grants to these may have been lost with a reply: whoever waits has to ask. */
  lost(names: readonly string[]): void
}

/** What a message of `steal.lua` begins with; any other begins with a token. */
const THEFT = '!'

/**
 * The channels on which this store hears grants. What one of its own releases grants to them comes in the
 * reply and is not published: a hand-off inside a process costs the server one message, and is there
 * before the releasing caller goes on.
 */
export class GrantChannels implements GrantPushes {
  readonly #push: Pick<Push, 'listen'>
  readonly #pushedPrefix: string
  readonly #open = new Map<string, GrantListener>()

  constructor(push: Pick<Push, 'listen'>, pushedPrefix: string) {
    this.#push = push
    this.#pushedPrefix = pushedPrefix
  }

  heard(): readonly string[] {
    return [...this.#open.keys()]
  }

  listen(name: string, listener: GrantListener): Subscription {
    const open = () => this.#open.set(name, listener)
    const shut = () => this.#open.get(name) === listener && this.#open.delete(name)
    const { ready, close } = this.#push.listen(name, {
      message: (text) => this.#deliver(listener, text),
      disconnected() {
        shut()
        listener.disconnected()
      },
      reconnected() {
        open()
        listener.reconnected()
      },
    })
    let isClosed = false
    return {
      ready: ready.then(() => {
        if (!isClosed) open()
      }),
      close() {
        isClosed = true
        shut()
        return close()
      },
    }
  }

  tell(grants: readonly string[]): Promise<void> {
    for (let i = 0; i < grants.length; i += 2) {
      const [name = '', text = ''] = grants.slice(i, i + 2)
      this.#open.get(name)?.granted(this.#toGrant(text))
    }
    return new Promise((resolve) => process.nextTick(resolve))
  }

  lost(names: readonly string[]): void {
    for (const name of names) this.#open.get(name)?.reconnected()
  }

  #deliver(listener: GrantListener, text: string): void {
    const [mark, token = '', fence, ...key] = text.split(' ')
    if (mark !== THEFT) listener.granted(this.#toGrant(text))
    else listener.stolen({ key: this.#keyOf(key), token, thiefFence: Number(fence) })
  }

  /** What `_serve.lua` tells. */
  #toGrant(text: string): PushedGrant {
    const [token = '', fence, remainingMs, enqueuedAtMs, grantedAtMs, ...key] = text.split(' ')
    return {
      key: this.#keyOf(key),
      token,
      fence: Number(fence),
      remainingMs: Number(remainingMs),
      enqueuedAtMs: Number(enqueuedAtMs),
      grantedAtMs: Number(grantedAtMs),
    }
  }

  /** The client's prefix of the key may have spaces. */
  #keyOf(words: readonly string[]): string {
    return words.join(' ').slice(this.#pushedPrefix.length)
  }
}
