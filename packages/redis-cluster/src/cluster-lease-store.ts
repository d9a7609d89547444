import type { AcquireRequest, LeaseStore, ListReply, ListRequest } from '@locks/core'
import { redisLeaseStore, ScriptRunner } from '@locks/redis/parts'
import type { ClusterDriver } from './cluster-driver.ts'
import { nodeClient } from './routed-client.ts'
import type { SlotChannels } from './slot-channels.ts'

/** The leases of one Redis, with the queue of each name in its own slot. */
export function clusterLeaseStore(
  driver: ClusterDriver,
  runner: ScriptRunner,
  channels: SlotChannels,
): LeaseStore {
  const leases = redisLeaseStore(runner, channels)
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
    list: (request) => listAll(driver, request),
  }
}

/** Page by page through the keys of one master after the other. */
async function listAll(driver: ClusterDriver, { prefix, cursor }: ListRequest): Promise<ListReply> {
  const masters = [...driver.masters()].sort()
  const [address = masters[0] ?? '', within] = cursor?.split(' ') ?? []
  const next = masters.find((master) => master > address)
  // One that has failed or left meanwhile has handed its keys to others.
  if (!masters.includes(address))
    return next === undefined ? { keys: [] } : { keys: [], cursor: next }
  const { list } = redisLeaseStore(new ScriptRunner(nodeClient(driver, address)), undefined)
  const page = await list?.({ prefix, ...(within && { cursor: within }) })
  const { keys, cursor: rest } = page ?? { keys: [] }
  const follow = rest ? `${address} ${rest}` : next
  return { keys, ...(follow && { cursor: follow }) }
}
