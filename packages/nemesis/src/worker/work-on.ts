import { setTimeout as sleep } from 'node:timers/promises'
import { codeOf } from './failure.ts'
import { tasksOf } from './tasks.ts'
import type { Worker } from './worker.ts'

/** Works until told to stop. */
export async function workOn(worker: Worker, isOver: () => boolean): Promise<void> {
  // So often as it weighs.
  const urn = tasksOf(worker).flatMap(({ weight, run }) =>
    Array.from({ length: weight }, () => run),
  )
  while (!isOver()) {
    const task = worker.chance.pick(urn)
    await task(worker).catch((error) => codeOf(error, worker))
    await sleep(worker.chance.between(10, 60))
  }
}
