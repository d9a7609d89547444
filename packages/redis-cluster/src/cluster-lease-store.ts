import type { AcquireRequest, LeaseStore } from '@locks/core'
import { redisLeaseStore } from '@locks/redis/parts'
import type { ClusterDriver } from './cluster-driver.ts'
import { listAll } from './list-all.ts'
import type { SlotChannels } from './slot-channels.ts'

/** `leases` of many slots, with grants for the waiters of each name pushed in its own. */
export function clusterLeaseStore(
  driver: ClusterDriver,
  leases: LeaseStore,
  channels: SlotChannels,
): LeaseStore {
  return {
    ...leases,
    async acquire({ waiter, ...request }) {
      if (!waiter) return leases.acquire(request)
      const { subscriber, grantMs } = waiter
      const enqueue = async () => {
        const channel = await channels.hear(subscriber, request.key)
        return leases.acquire({ ...request, waiter: { subscriber: channel, grantMs } })
      }
      // A name that is free costs no subscription.
      if (channels.known(subscriber, request.key) === undefined) {
        const tried = await leases.acquire({ ...request, subscriber } satisfies AcquireRequest)
        if (tried.state !== 'held') return tried
      }
      const reply = await enqueue()
      if (reply.state !== 'held' || channels.isHeard(subscriber, request.key)) return reply
      // The command itself has found that the slot is elsewhere by now, or the channel was lost meanwhile.
      return enqueue()
    },
    list: (request) =>
      listAll(driver, request, (node, page) => redisLeaseStore(node, undefined).list?.(page)),
  }
}
