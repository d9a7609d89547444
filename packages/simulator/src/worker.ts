/** One of the threads that run schedules; see `workers/worker-pool.ts`. */
import { parentPort } from 'node:worker_threads'
import { usePlainSignals } from './bundle/plain-abort.ts'
import type { Job } from './workers/job.ts'
import { runJob } from './workers/run-job.ts'

// Errors are everyday events here, and nobody reads where they come from.
Error.stackTraceLimit = 0
usePlainSignals()

parentPort?.on('message', async (job: Job) => parentPort?.postMessage(await runJob(job)))
