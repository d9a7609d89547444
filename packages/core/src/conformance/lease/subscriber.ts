import type { LeaseStore, PushedGrant, PushedLoss } from '../../contract/lease-store.ts'
import type { Subscription } from '../../contract/subscription.ts'
import { freshKey, freshToken } from '../names.ts'
import { Pushes } from '../pushes.ts'
import { inState } from '../replies.ts'

/** Who waits at a store, and hears of its grants. */
export class Subscriber {
  readonly id = `conformance:g1:${freshToken()}`
  readonly #store: LeaseStore
  readonly #grants = new Pushes<PushedGrant>()
  readonly #losses = new Pushes<PushedLoss>()
  readonly #subscription: Subscription | undefined

  constructor(store: LeaseStore) {
    this.#store = store
    this.#subscription = store.onGrant?.(this.id, {
      granted: (grant) => this.#grants.add(grant),
      stolen: (loss) => this.#losses.add(loss),
      disconnected() {},
      reconnected() {},
    })
  }

  async ready(): Promise<this> {
    await this.#subscription?.ready
    return this
  }

  /** The next grant, which must come. */
  nextGrant(): Promise<PushedGrant> {
    return this.#grants.next()
  }

  /** The tokens of the next grants, which must come. */
  async nextTokens(count: number): Promise<readonly string[]> {
    const tokens: string[] = []
    while (tokens.length < count) tokens.push((await this.nextGrant()).token)
    return tokens
  }

  /** All grants so far that nobody has taken: they come ahead of one for another name. */
  async heard(): Promise<readonly PushedGrant[]> {
    const [holder, waiter] = [freshToken(), freshToken()]
    const request = { key: freshKey('l'), ttlMs: 60_000 }
    const place = { subscriber: this.id, grantMs: 60_000 }
    inState(await this.#store.acquire({ ...request, token: holder }), 'granted')
    inState(await this.#store.acquire({ ...request, token: waiter, waiter: place }), 'held')
    await this.#store.release({ ...request, token: holder })
    return this.#grants.until(({ token }) => token === waiter)
  }

  /** The next `count` thefts, which must come, in any order with grants; and what has come beyond them. */
  async losses(count: number): Promise<readonly PushedLoss[]> {
    const losses: PushedLoss[] = []
    while (losses.length < count) losses.push(await this.#losses.next())
    await this.heard()
    return [...losses, ...this.#losses.arrived()]
  }

  async close(): Promise<void> {
    await this.#subscription?.close()
  }
}
