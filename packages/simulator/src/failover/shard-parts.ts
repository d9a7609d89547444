import type { LeaseStore } from '@locks/core'
import type { ClusterDriver, ConfirmParts } from '@locks/redis-cluster/parts'
import type { SimClient } from '../fleet/sim-client.ts'
import { type LinkOptions, NodeLink } from './node-link.ts'
import type { ReplicatedShard } from './replicated-shard.ts'

/** A shard as the confirmations of one client reach it: by connections of their own. */
export function shardParts(
  client: SimClient,
  shard: ReplicatedShard,
  options: LinkOptions,
): ConfirmParts {
  return {
    driver: shardDriver(client, shard, options),
    clock: client.clock,
    leasesBy(connection) {
      const call = (op: string, request: object) =>
        connection.call([op, JSON.stringify(request)]) as Promise<never>
      const leases: Pick<LeaseStore, 'acquire' | 'steal' | 'extend'> = {
        acquire: (request) => call('acquire', request),
        steal: (request) => call('steal', request),
        extend: (request) => call('extend', request),
      }
      return leases as LeaseStore
    },
  }
}

function shardDriver(
  client: SimClient,
  shard: ReplicatedShard,
  options: LinkOptions,
): ClusterDriver {
  const never = () => Promise.reject(new Error('the store has its own network'))
  const open = async (address: string) => {
    const node = shard.nodes.find((each) => each.address === address)
    if (!node) throw new Error(`${address} is no node`)
    return new NodeLink(client, node, shard, options)
  }
  return {
    keyPrefix: '',
    clientKeyPrefix: '',
    send: never,
    sendTo: never,
    masterOf: () => shard.viewOf(client).address,
    masters: () => [shard.viewOf(client).address],
    open,
    openReplica: (_master, address) => open(address),
  }
}
