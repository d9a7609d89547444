import { systemClock } from '@locks/core'
import type { Options } from '../options.ts'
import { unmetFloors } from '../run/floors.ts'
import type { Violation } from '../time/violation.ts'
import { runRanges } from '../workers/run-ranges.ts'
import { withWorkers } from '../workers/with-workers.ts'
import type { WorkerPool } from '../workers/worker-pool.ts'
import { describeFailure } from './describe-failure.ts'

const VIOLATIONS_SHOWN = 5

/** Checks the production code. @returns whether all is well, and enough was seen to say so. */
export function checkProduction(options: Options): Promise<boolean> {
  const check = options.trace ? traceAll : checkAll
  return withWorkers(options.workers, (pool) => check(pool, options))
}

async function checkAll(pool: WorkerPool, { seed, schedules, json }: Options): Promise<boolean> {
  const startedAtMs = systemClock.now()
  const campaign = await runRanges(pool, { seed, schedules, violationsMax: VIOLATIONS_SHOWN })
  const seconds = (systemClock.now() - startedAtMs) / 1000
  const { violations, counts, events, hash } = campaign
  const unmet = unmetFloors(counts, campaign.schedules)
  const perSecond = Math.round(campaign.schedules / seconds)
  if (json) console.log(JSON.stringify({ seed, ...campaign, unmet, seconds, perSecond }))
  else {
    for (const violation of violations) await explain(pool, violation)
    for (const floor of unmet) console.log(`too little of ${floor}`)
    const done = `${campaign.schedules} schedules, ${events} events, ${perSecond} schedules/s`
    console.log(`${done}, trace ${hash}: ${violations.length} violations`)
  }
  return violations.length === 0 && unmet.length === 0
}

/** Looks for the shortest way to it. */
async function explain(
  pool: WorkerPool,
  violation: Violation & { readonly seed: number },
): Promise<void> {
  const { seed } = violation
  const shrunk = await pool.run({ kind: 'shrink', seed })
  const replay = `pnpm sim --seed ${seed} --schedules 1 --trace`
  console.log(describeFailure(violation, replay, shrunk))
}

async function traceAll(pool: WorkerPool, { seed: first, schedules }: Options): Promise<boolean> {
  let sound = true
  for (let seed = first; seed < first + schedules; seed++) {
    const { lines = [], hash, violation } = await pool.run({ kind: 'trace', seed })
    console.log([...lines, `seed ${seed}, trace ${hash}`].join('\n'))
    if (violation) sound = false
  }
  return sound
}
