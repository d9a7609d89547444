import { startRedisCluster } from '@locks/test-servers'
import { CLOCK_AHEAD, clockAheadFault, clusterFaults } from '../faults/cluster-faults.ts'
import { networkFaults } from '../faults/network-faults.ts'
import { workerFaults } from '../faults/worker-faults.ts'
import { ClusterNodes } from './cluster-nodes.ts'
import { ifAllowed } from './if-allowed.ts'
import { startProxies } from './proxies.ts'
import { SteppedClocks } from './stepped-clocks.ts'
import type { World, WorldOptions } from './world.ts'

const PLACES = 3
const NODES = 6

/** Three masters with a replica each. */
export async function clusterWorld({ steppedClocks }: WorldOptions): Promise<World> {
  const openClocks = steppedClocks ? () => SteppedClocks.open(NODES) : undefined
  const { it: clocks, skipped } = await ifAllowed(CLOCK_AHEAD, openClocks)
  // However long a replica was cut off, it may be elected.
  const args = ['--cluster-replica-validity-factor', '0']
  const cluster = await startRedisCluster({
    args,
    ...(clocks && { envOf: (node) => clocks.envOf(node) }),
  })
  const { nodes } = cluster
  const proxies = await startProxies(
    PLACES,
    nodes.map(({ port }) => port),
  )
  const clusterNodes = new ClusterNodes(cluster)
  const proxiesOf = (place: number) => proxies[place] ?? []
  return {
    places: PLACES,
    faults: [
      ...workerFaults,
      ...networkFaults(proxiesOf),
      ...clusterFaults(clusterNodes),
      ...(clocks ? [clockAheadFault(clusterNodes, clocks)] : []),
    ],
    skipped: {
      ...skipped,
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
      await clocks?.[Symbol.asyncDispose]()
    },
  }
}
