/** One process of a soak: works in rounds, and prints a sample after each of them until it is killed. */
import { setTimeout as sleep } from 'node:timers/promises'
import { createLocks, isLocksError } from '@locks/core'
import { HerdCache } from '@locks/herd-cache'
import { openBackend } from './backend.ts'
import { cacheJobs } from './cache-jobs.ts'
import type { Job, Site } from './job.ts'
import { leakyJobs } from './leaky-jobs.ts'
import { lockJobs } from './lock-jobs.ts'
import { takeSample } from './take-sample.ts'
import type { WorkerSettings } from './worker-settings.ts'

/** As many jobs are under way at once. */
const LANES = 8
/** Between two jobs of a lane: leaks show in the number of jobs, and others need the processor too. */
const REST_MS = 10
/** Timers of what was just done, and replies that nobody waits for, come to their end. */
const SETTLE_MS = 300

const { backend, port, roundMs, leak } = JSON.parse(process.argv[2] ?? '') as WorkerSettings
const open = await openBackend(backend, port)
const { store } = open
const cacheOf = (options: object) => new HerdCache({ store, namespace: 'soak', ...options })
const site: Site = {
  store,
  locks: createLocks(store, { ttl: '10s' }),
  cache: cacheOf({}),
  near: cacheOf({ namespace: 'near', l1: { max: 100, ttl: 1000 } }),
  forever: new AbortController().signal,
  queues: store.onGrant !== undefined,
}
const jobs: readonly Job[] = [
  ...Object.values(lockJobs),
  ...Object.values(cacheJobs),
  ...(leak ? Object.values(leakyJobs) : []),
]
let done = 0

/** Every job at least once. */
async function lane(untilMs: number): Promise<void> {
  for (let i = 0; i < jobs.length || performance.now() < untilMs; i++) {
    const n = done++
    await (jobs[i % jobs.length] as Job)(site, n).catch(ignoreRefusals)
    await sleep(REST_MS)
  }
}

/** Timeouts, and a store that was too slow, are as good as any outcome: nothing may be left of them. */
function ignoreRefusals(error: unknown): void {
  if (!isLocksError(error)) throw error
}

// What waits for a lease to end keeps no process alive; there is more to do here.
setInterval(() => {}, 60_000)
while (true) {
  const untilMs = performance.now() + roundMs
  await Promise.all(Array.from({ length: LANES }, () => lane(untilMs)))
  await sleep(SETTLE_MS)
  console.log(JSON.stringify(await takeSample(open, site, done)))
}
