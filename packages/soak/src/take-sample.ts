import { getEventListeners } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { OpenBackend } from './backend.ts'
import type { Site } from './job.ts'
import type { Sample } from './sample.ts'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

/** Measures a process that has nothing to do at this moment. */
export async function takeSample(
  { emitters }: OpenBackend,
  { locks, forever }: Site,
  jobs: number,
): Promise<Sample> {
  const { held, pending } = await locks.query()
  // What finalizers let go, and what was waiting for the end of the first turn, goes with the second.
  for (let i = 0; i < 2; i++) {
    await new Promise((resolve) => setImmediate(resolve))
    collect()
  }
  const { heapUsed, arrayBuffers } = process.memoryUsage()
  const counted = [process, ...emitters].flatMap((emitter) =>
    emitter.eventNames().map((name) => emitter.listenerCount(name)),
  )
  return {
    atMs: performance.now(),
    jobs,
    heap: heapUsed,
    buffers: arrayBuffers,
    resources: process.getActiveResourcesInfo().length,
    listeners:
      counted.reduce((sum, count) => sum + count, 0) + getEventListeners(forever, 'abort').length,
    entries: held.length + pending.length,
  }
}
