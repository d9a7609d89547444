import { once } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { Worker } from 'node:worker_threads'
import type { Job } from './job.ts'
import type { Results } from './run-job.ts'

interface Waiting {
  readonly job: Job
  readonly resolve: (result: never) => void
  readonly reject: (error: Error) => void
}

/** Threads that run schedules, each one job at a time. */
export class WorkerPool {
  readonly size: number
  readonly #all: readonly Worker[]
  readonly #idle: Worker[]
  readonly #waiting: Waiting[] = []

  private constructor(workers: readonly Worker[]) {
    this.size = workers.length
    this.#all = workers
    this.#idle = [...workers]
  }

  /** @param path of a module that answers each job with a message. */
  static async start(path: string, size: number): Promise<WorkerPool> {
    const workers = Array.from({ length: size }, () => new Worker(path))
    // Flags that are set before a thread is up make each `process.nextTick` of it cost more than double.
    await Promise.all(workers.map((worker) => once(worker, 'online')))
    // Much code runs a few thousand times only, above all that with a seeded bug: interpreted, it is slow.
    setFlagsFromString('--always-sparkplug')
    // No function is hot for long: what the compiler inlines costs more than it gains.
    setFlagsFromString('--max-inlined-bytecode-size-cumulative=300')
    return new WorkerPool(workers)
  }

  /** @returns what comes of `job`; rejects when its thread dies. */
  run<Kind extends Job['kind']>(job: Job & { readonly kind: Kind }): Promise<Results[Kind]> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ job, resolve, reject })
      this.#next()
    })
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.map((worker) => worker.terminate()))
  }

  #next(): void {
    const worker = this.#idle[0]
    const waiting = this.#waiting[0]
    if (!worker || !waiting) return
    this.#idle.shift()
    this.#waiting.shift()
    const { job, resolve, reject } = waiting
    worker.once('error', reject)
    worker.once('message', (result) => {
      worker.off('error', reject)
      this.#idle.push(worker)
      resolve(result as never)
      this.#next()
    })
    worker.postMessage(job)
  }
}
