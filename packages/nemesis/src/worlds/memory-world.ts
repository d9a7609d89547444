import { chaosFaults } from '../faults/chaos-faults.ts'
import { workerFaults } from '../faults/worker-faults.ts'
import type { World } from './world.ts'

/** One process, since that is how far this store reaches. */
export async function memoryWorld(): Promise<World> {
  const mortal = workerFaults.filter(({ kind }) => kind !== 'worker: SIGKILL')
  return {
    places: 1,
    inOne: 3,
    faults: [...mortal, ...chaosFaults],
    skipped: { 'worker: SIGKILL': 'the store dies with its process' },
    settingsOf: () => ({ backend: 'memory', addresses: [], addressMap: {} }),
    async [Symbol.asyncDispose]() {},
  }
}
