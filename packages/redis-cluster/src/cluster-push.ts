import type { Subscription } from '@locks/core'
import type { Push, PushListener } from '@locks/redis/parts'
import type { ClusterDriver } from './cluster-driver.ts'
import { isSharded, nodePush } from './node-push.ts'
import { RovingChannel } from './roving-channel.ts'
import { slotOf } from './slot.ts'

/**
 * The channels that a store hears, on one connection per node at most. A sharded channel is heard from
 * the master that has its slot now, and told `disconnected` when that is over. Any other is heard from
 * whichever node: what is published on one reaches all.
 */
export class ClusterPush {
  readonly #driver: ClusterDriver
  readonly #pushes = new Map<string, Push>()
  readonly #sharded = new Map<
    string,
    { readonly address: string; readonly listener: PushListener }
  >()

  constructor(driver: ClusterDriver) {
    this.#driver = driver
  }

  listen(channel: string, listener: PushListener): Subscription {
    if (!isSharded(channel)) {
      const roving = new RovingChannel(channel, listener, (lost) => this.#anyPush(lost))
      return { ready: roving.ready, close: () => roving.close() }
    }
    const address = this.#driver.masterOf(slotOf(channel))
    if (address === undefined) {
      const ready = Promise.reject(new Error(`the slot of ${channel} has no master`))
      ready.catch(() => {})
      return { ready, close: async () => {} }
    }
    const subscription = this.#pushOf(address).listen(channel, listener)
    const entry = { address, listener }
    this.#sharded.set(channel, entry)
    return {
      ready: subscription.ready,
      close: () => {
        if (this.#sharded.get(channel) === entry) this.#sharded.delete(channel)
        return subscription.close()
      },
    }
  }

  #pushOf(address: string): Push {
    let push = this.#pushes.get(address)
    if (!push) {
      push = nodePush(this.#driver, address, (channel) => this.#moved(address, channel))
      this.#pushes.set(address, push)
    }
    return push
  }

  /** Of another node than the one whose connection was lost, if there is one. */
  #anyPush(lost: Push | undefined): Push {
    const pushes = this.#driver.masters().map((address) => this.#pushOf(address))
    const [first, ...others] = pushes.filter((push) => push !== lost)
    const open = others.find((push) => push.isOpen)
    const push = open ?? first ?? lost
    if (!push) throw new Error('the cluster has no master')
    return push
  }

  #moved(address: string, channel: string | undefined): void {
    for (const [name, entry] of this.#sharded) {
      if (entry.address === address && (channel ?? name) === name) entry.listener.disconnected()
    }
  }
}
