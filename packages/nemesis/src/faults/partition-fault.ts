import type { PrivateNetwork } from '../worlds/private-network.ts'
import type { Fault } from './fault.ts'

/** The worker in this place is cut off by the kernel, while it holds a lock. */
export function partitionFault(network: PrivateNetwork, place: number): Fault {
  const known = { kind: PARTITION, place: 'network' } as const
  return {
    ...known,
    async strike(scene) {
      await scene.holder(place)
      await scene.during(known, async () => {
        await network.cut()
        await scene.last()
        await network.heal()
      })
    },
  }
}

export const PARTITION = 'network: namespace partition'
