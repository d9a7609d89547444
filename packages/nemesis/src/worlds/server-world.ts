import type { TestServer } from '@locks/test-servers'
import type { Fault } from '../faults/fault.ts'
import { networkFaults } from '../faults/network-faults.ts'
import { PARTITION, partitionFault } from '../faults/partition-fault.ts'
import { workerFaults } from '../faults/worker-faults.ts'
import { ifAllowed } from './if-allowed.ts'
import { PrivateNetwork } from './private-network.ts'
import { startProxies } from './proxies.ts'
import type { World } from './world.ts'

const PLACES = 4

/** What a backend of one server is made of. */
export interface ServerPlan<Server extends TestServer> {
  readonly backend: 'redis' | 'memcached'
  /** Listening on the loopback, and on this address too, if there is one. */
  readonly start: (address: string | undefined) => Promise<Server>
  readonly faults: (server: Server) => readonly Fault[]
  readonly privateNetwork: boolean | undefined
}

/** One server. Each worker has a way to it of its own. */
export async function serverWorld<Server extends TestServer>(
  plan: ServerPlan<Server>,
): Promise<World> {
  const openNetwork = plan.privateNetwork ? PrivateNetwork.open : undefined
  const { it: network, skipped } = await ifAllowed(PARTITION, openNetwork)
  const server = await plan.start(network?.address)
  const proxies = await startProxies(PLACES, [server.port])
  const direct = network && `${network.address}:${server.port}`
  const proxiesOf = (place: number) => proxies[place] ?? []
  const partitions = network ? [partitionFault(network, PLACES)] : []
  return {
    places: PLACES + (network ? 1 : 0),
    network,
    skipped,
    faults: [...workerFaults, ...networkFaults(proxiesOf), ...partitions, ...plan.faults(server)],
    settingsOf(place) {
      const proxied = proxiesOf(place).map(({ address }) => address)
      const addresses = direct && proxied.length === 0 ? [direct] : proxied
      return { backend: plan.backend, addresses, addressMap: {} }
    },
    async [Symbol.asyncDispose]() {
      for (const proxy of proxies.flat()) await proxy.stop()
      await server.stop()
      await network?.[Symbol.asyncDispose]()
    },
  }
}
