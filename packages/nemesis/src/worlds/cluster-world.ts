import { startRedisCluster } from '@locks/test-servers'
import { clusterFaults } from '../faults/cluster-faults.ts'
import { networkFaults } from '../faults/network-faults.ts'
import { workerFaults } from '../faults/worker-faults.ts'
import { ClusterNodes } from './cluster-nodes.ts'
import { startProxies } from './proxies.ts'
import type { World } from './world.ts'

const PLACES = 3

/** Three masters with a replica each. */
export async function clusterWorld(): Promise<World> {
  // However long a replica was cut off, it may be elected.
  const args = ['--cluster-replica-validity-factor', '0']
  const cluster = await startRedisCluster({ args })
  const { nodes } = cluster
  const proxies = await startProxies(
    PLACES,
    nodes.map(({ port }) => port),
  )
  const proxiesOf = (place: number) => proxies[place] ?? []
  return {
    places: PLACES,
    faults: [
      ...workerFaults,
      ...networkFaults(proxiesOf),
      ...clusterFaults(new ClusterNodes(cluster)),
    ],
    skipped: {
      'c5: the clock of the elected replica is ahead': 'all processes on a machine have one clock',
      'c8: a master is cut off together with some of its clients':
        'the nodes of the cluster share a network; one frozen beyond a failover stands in for it',
    },
    settingsOf(place) {
      const addresses = proxiesOf(place).map(({ address }) => address)
      const addressMap = Object.fromEntries(
        nodes.map(({ address }, i) => [address, addresses[i] as string]),
      )
      return { backend: 'redis-cluster', addresses, addressMap }
    },
    async [Symbol.asyncDispose]() {
      for (const proxy of proxies.flat()) await proxy.stop()
      await cluster.stop()
    },
  }
}
