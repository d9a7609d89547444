import type { Network } from '../net/network.ts'
import type { SimServer } from '../store/sim-server.ts'

/** One server of a quorum, with a network and an end of its own. */
export class QuorumNode {
  readonly id: number
  readonly server: SimServer
  readonly network: Network
  /** It executes nothing. */
  isDown = false
  /** It went without its data, and is not back yet: what it has forgotten, nobody else can get from it. */
  isEmptied = false

  constructor(id: number, server: SimServer, network: Network) {
    this.id = id
    this.server = server
    this.network = network
  }

  goDown(isEmptied: boolean): void {
    this.isDown = true
    this.isEmptied = isEmptied
    if (isEmptied) this.server.leases.clear()
  }

  comeBack(): void {
    this.isDown = false
    this.isEmptied = false
  }
}
