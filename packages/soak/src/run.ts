import { type Program, spawnProgram, startMemcached, startRedis } from '@locks/test-servers'
import type { Backend, Options } from './options.ts'
import type { Sample } from './sample.ts'
import { type Trend, trendsOf } from './trend.ts'
import type { WorkerSettings } from './worker-settings.ts'

export interface Soak {
  readonly samples: readonly (readonly Sample[])[]
  readonly trends: readonly Trend[]
}

const PROCESSES = 3
/** Below that a slope says nothing. */
const SAMPLES_MIN = 16
const ROUNDS = 60
const ROUND_MS = { min: 100, max: 5000 }

/** Lets processes work on one server until the time is over and enough samples are taken. */
export async function runSoak({ backend, minutes, leak }: Options): Promise<Soak> {
  await using server = await startServer(backend)
  const totalMs = minutes * 60_000
  const roundMs = Math.min(Math.max(totalMs / ROUNDS, ROUND_MS.min), ROUND_MS.max)
  const settings: WorkerSettings = { backend, port: server.port, roundMs, leak }
  const worker = new URL('worker.ts', import.meta.url)
  const programs = Array.from({ length: PROCESSES }, () =>
    spawnProgram(worker, [JSON.stringify(settings)]),
  )
  try {
    const samples = await Promise.all(programs.map((program) => readSamples(program, totalMs)))
    return { samples, trends: samples.flatMap((taken, i) => trendsOf(`p${i + 1}`, taken)) }
  } finally {
    for (const program of programs) await program.kill()
  }
}

async function readSamples(program: Program, totalMs: number): Promise<readonly Sample[]> {
  const samples: Sample[] = []
  for (let spanMs = 0; spanMs < totalMs || samples.length < SAMPLES_MIN; ) {
    const sample = JSON.parse(await nextLine(program)) as Sample
    samples.push(sample)
    spanMs = sample.atMs - (samples[0] as Sample).atMs
  }
  return samples
}

async function nextLine(program: Program): Promise<string> {
  try {
    return await program.nextLine()
  } catch (error) {
    throw new Error(`a process has ended: ${program.stderr}`, { cause: error })
  }
}

async function startServer(backend: Backend): Promise<AsyncDisposable & { readonly port: number }> {
  if (backend === 'redis') return startRedis()
  if (backend === 'memcached') return startMemcached()
  return { port: 0, async [Symbol.asyncDispose]() {} }
}
