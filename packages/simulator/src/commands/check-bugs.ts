import { systemClock } from '@locks/core'
import { ALL_BUGS } from '../bugs/all-bugs.ts'
import type { Bundler } from '../bundle/bundler.ts'
import type { Options } from '../options.ts'
import type { Hunt } from '../run/hunt.ts'
import { withWorkers } from '../workers/with-workers.ts'
import type { WorkerPool } from '../workers/worker-pool.ts'
import { describeFailure } from './describe-failure.ts'

/** Lets the checks look for each seeded bug. @returns whether all were found. */
export async function checkBugs(options: Options): Promise<boolean> {
  const { seed, json, only, workers } = options
  const unknown = only.find((name) => !ALL_BUGS.some((bug) => bug.name === name))
  if (unknown) throw new Error(`no such bug: ${unknown}`)

  const startedAtMs = systemClock.now()
  const hunts = await withWorkers(workers, (pool, bundler) => huntAll(options, pool, bundler))
  const missed = hunts.filter((hunt) => !hunt.caught).map((hunt) => hunt.name)
  const seconds = (systemClock.now() - startedAtMs) / 1000
  if (json) console.log(JSON.stringify({ seed, bugs: hunts, missed, seconds }))
  else {
    const caught = hunts.length - missed.length
    console.log(`${caught} of ${hunts.length} caught in ${seconds.toFixed(1)} s`)
  }
  return missed.length === 0
}

async function huntAll(
  { seed, schedules, json, trace, only }: Options,
  pool: WorkerPool,
  bundler: Bundler,
): Promise<readonly Hunt[]> {
  const bugs = ALL_BUGS.filter((bug) => only.length === 0 || only.includes(bug.name))
  const hunts: Hunt[] = []
  let taken = 0
  const take = async () => {
    for (let index = taken++; index < bugs.length; index = taken++) {
      const { name, patches } = bugs[index] as (typeof bugs)[number]
      const bundle = await bundler.subject(patches)
      const range = { seed, schedules, violationsMax: 1 }
      const hunt = await pool.run({ kind: 'hunt', in: { name, bundle }, range })
      hunts[index] = hunt
      if (!json) console.log(describe(hunt))
      if (trace && !json) await explain(hunt, bundle, pool)
    }
  }
  await Promise.all(Array.from({ length: pool.size }, take))
  return hunts
}

function describe({ name, caught, invariant, message, schedules }: Hunt): string {
  const found = invariant ? `${invariant}: ${message}` : 'nothing found'
  return `${caught ? '      ' : 'MISSED'} ${name.padEnd(22)} ${String(schedules).padStart(6)} ${found}`
}

/** The shortest way to what has been found. */
async function explain(hunt: Hunt, bundle: string, pool: WorkerPool): Promise<void> {
  const { name, seed, invariant, message } = hunt
  if (seed === undefined || !invariant || !message) return
  const shrunk = await pool.run({ kind: 'shrink', seed, in: { name, bundle } })
  const replay = `pnpm sim --mutants ${name} --seed ${seed} --schedules 1 --trace`
  console.log(describeFailure({ seed, invariant, message }, replay, shrunk))
}
