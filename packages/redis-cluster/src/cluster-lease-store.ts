import type { AcquireReply, AcquireRequest, LeaseStore, Waiter } from '@locks/core'
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
  /** Under way, by subscriber and name. */
  const tries = new Map<string, Promise<unknown>>()
  /** A try that is not queued. Nobody tries meanwhile: replies would come when others are queued already. */
  const tryFirst = (subscriber: string, request: AcquireRequest): Promise<AcquireReply> => {
    const place = placeOf(subscriber, request)
    const trying = Promise.resolve(leases.acquire({ ...request, subscriber }))
    const over = () => void tries.delete(place)
    tries.set(place, trying.then(over, over))
    return trying
  }
  const enqueue = async ({ subscriber, grantMs }: Waiter, request: AcquireRequest) => {
    const channel = await channels.hear(subscriber, request.key)
    return leases.acquire({ ...request, waiter: { subscriber: channel, grantMs } })
  }
  const enqueueHeard = async (waiter: Waiter, request: AcquireRequest) => {
    const reply = await enqueue(waiter, request)
    if (reply.state !== 'held' || channels.isHeard(waiter.subscriber, request.key)) return reply
    // The command itself has found that the slot is elsewhere by now, or the channel was lost meanwhile.
    return enqueue(waiter, request)
  }
  return {
    ...leases,
    async acquire({ waiter, ...request }) {
      if (!waiter) return leases.acquire(request)
      const { subscriber } = waiter
      // A name that is free costs no subscription.
      while (channels.known(subscriber, request.key) === undefined) {
        const other = tries.get(placeOf(subscriber, request))
        if (other) {
          await other
          continue
        }
        const tried = await tryFirst(subscriber, request)
        if (tried.state !== 'held') return tried
        break
      }
      return enqueueHeard(waiter, request)
    },
    list: (request) =>
      listAll(driver, request, (node, page) => redisLeaseStore(node, undefined).list?.(page)),
  }
}

const placeOf = (subscriber: string, { key }: AcquireRequest): string => `${subscriber} ${key}`
