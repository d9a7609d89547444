import type { Fault } from './fault.ts'
import { lasting, sudden } from './lasting.ts'

const HOUR_MS = 3_600_000

/** What can befall the process of a holder. */
export const workerFaults: readonly Fault[] = [
  lasting('worker: SIGSTOP', 'worker', async (_, { program }) => {
    await program.pause()
    return () => program.resume()
  }),
  sudden('worker: SIGKILL', 'worker', ({ fleet }, holder) => fleet.replace(holder)),
  sudden('worker: event loop blocked', 'worker', async (scene, { name }) => {
    scene.coordinator.order(name, { do: 'block', ms: scene.chance.between(200, 3000) })
    await scene.last()
  }),
  lasting('worker: wall clock shifted', 'worker', async ({ chance, coordinator }, { name }) => {
    const ms = chance.pick([-7, -1, 1, 7]) * HOUR_MS
    coordinator.order(name, { do: 'shift-clock', ms })
    return () => coordinator.order(name, { do: 'shift-clock', ms: 0 })
  }),
]
