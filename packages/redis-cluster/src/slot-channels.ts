import type { GrantListener, Subscription } from '@locks/core'
import { GrantChannels, type GrantPushes } from '@locks/redis/parts'
import type { ClusterDriver } from './cluster-driver.ts'
import type { ClusterPush } from './cluster-push.ts'
import { hashTag, slotOf } from './slot.ts'

/** One subscriber's ear in one slot. */
interface Ear {
  readonly channel: string
  /** The node on which it is. */
  readonly address: string | undefined
  readonly subscription: Subscription
  state: 'opening' | 'open' | 'lost'
}

/**
 * Where grants are heard. A script reaches only who is connected to the node that runs it, so each
 * subscriber has a sharded channel per slot in which it waits, and one channel of the whole cluster for
 * thefts, which are told to everybody.
 */
export class SlotChannels implements GrantPushes {
  readonly #driver: ClusterDriver
  readonly #channels: GrantChannels
  readonly #prefix: string
  readonly #inboxes = new Map<string, { listener: GrantListener; ears: Map<number, Ear> }>()

  constructor(driver: ClusterDriver, push: ClusterPush) {
    this.#driver = driver
    this.#prefix = driver.keyPrefix + driver.clientKeyPrefix
    this.#channels = new GrantChannels(push, this.#prefix)
  }

  listen(subscriber: string, listener: GrantListener): Subscription {
    const ears = new Map<number, Ear>()
    const inbox = { listener, ears }
    this.#inboxes.set(subscriber, inbox)
    const thefts = this.#channels.listen(subscriber, listener)
    return {
      ready: thefts.ready,
      close: async () => {
        if (this.#inboxes.get(subscriber) === inbox) this.#inboxes.delete(subscriber)
        const open = [...ears.values()].map(({ subscription }) => subscription)
        await Promise.all([thefts, ...open].map((each) => each.close()))
      },
    }
  }

  heard(key: string): readonly string[] {
    const slot = this.#slotOf(key)
    const ears = [...this.#inboxes.values()].flatMap((inbox) => inbox.ears.get(slot) ?? [])
    return ears.filter((ear) => this.#isOpen(ear, slot)).map(({ channel }) => channel)
  }

  tell(grants: readonly string[]): Promise<void> {
    return this.#channels.tell(grants)
  }

  lost(names: readonly string[]): void {
    this.#channels.lost(names)
  }

  /** The channel of this subscriber for grants of the key; `undefined` if it never was opened. */
  known(subscriber: string, key: string): string | undefined {
    return this.#inboxes.get(subscriber)?.ears.get(this.#slotOf(key))?.channel
  }

  /** Whether nothing pushed there can be missed, as far as is known. */
  isHeard(subscriber: string, key: string): boolean {
    const slot = this.#slotOf(key)
    const ear = this.#inboxes.get(subscriber)?.ears.get(slot)
    return ear !== undefined && this.#isOpen(ear, slot)
  }

  /** Resolves when the channel is heard from the node that has the slot now. @throws what the client says. */
  async hear(subscriber: string, key: string): Promise<string> {
    const inbox = this.#inboxes.get(subscriber)
    const slot = this.#slotOf(key)
    const tag = `${subscriber}{${hashTag(this.#prefix + key)}}`
    if (!inbox) return tag
    let ear = inbox.ears.get(slot)
    if (!ear || ear.state === 'lost' || ear.address !== this.#driver.masterOf(slot)) {
      ear?.subscription.close().catch(() => {})
      ear = this.#open(ear?.channel ?? tag, slot, inbox.listener)
      inbox.ears.set(slot, ear)
    }
    await ear.subscription.ready
    return ear.channel
  }

  #open(channel: string, slot: number, listener: GrantListener): Ear {
    const address = this.#driver.masterOf(slot)
    const lose = () => {
      if (ear.state === 'lost') return
      ear.state = 'lost'
      void ear.subscription.close().catch(() => {})
    }
    const subscription = this.#channels.listen(channel, {
      granted: (grant) => listener.granted(grant),
      stolen: (loss) => listener.stolen(loss),
      disconnected: () => {
        lose()
        // Whoever asks again opens it anew, where the slot is by then.
        listener.disconnected()
        listener.reconnected()
      },
      // A reply to a release was lost, and grants with it.
      reconnected: () => listener.reconnected(),
    })
    const ear: Ear = { channel, address, subscription, state: 'opening' }
    subscription.ready.then(() => {
      if (ear.state === 'opening') ear.state = 'open'
    }, lose)
    return ear
  }

  #isOpen({ state, address }: Ear, slot: number): boolean {
    return state === 'open' && address === this.#driver.masterOf(slot)
  }

  #slotOf(key: string): number {
    return slotOf(this.#prefix + key)
  }
}
