import { freeLease } from '@locks/core/spec'
import { override } from '../bugs/override.ts'
import { CohortAudit } from '../cohort/cohort-audit.ts'
import { cohortKeys } from '../cohort/cohort-keys.ts'
import { drawCohortPlan } from '../cohort/cohort-plan.ts'
import { CohortWorker } from '../cohort/cohort-worker.ts'
import { QueuedSimStore } from '../store/queued-sim-store.ts'
import { SimStore } from '../store/sim-store.ts'
import type { Outcome, Schedule } from './schedule.ts'
import { Stage } from './stage.ts'

const FENCE_AHEAD = 2 ** 52

/** Runs one schedule of processes whose callers hand locks on to each other. */
export function runCohortSchedule(schedule: Schedule): Promise<Outcome> {
  const { subject, bug } = schedule
  const stage = new Stage(schedule, (dice) => drawCohortPlan(dice, bug?.cohortPlan ?? {}))
  const { world, server, tally, plan, idleUntilMs } = stage
  const audit = new CohortAudit(world, server, tally, plan)
  server.watcher = audit
  // A history begins with a store that has nothing.
  if (plan.fencesAhead && !schedule.record) {
    for (const key of cohortKeys(plan)) server.leases.set(key, freeLease(FENCE_AHEAD))
  }
  const Store = plan.queue ? QueuedSimStore : SimStore
  for (const client of stage.clients) {
    const store = stage.openStore(client, audit, Store)
    const facts = { ...store.facts, fenceBlocks: plan.fenceBlocks }
    const locks = subject.createLocks(override(store, { facts }), stage.inject(client))
    const job = { plan, audit, aborts: new Set<() => void>(), idleUntilMs }
    for (let i = 0; i < plan.workers; i++) {
      const worker = new CohortWorker(client, locks, job)
      stage.start(client, () => worker.run())
    }
  }
  return stage.play(audit)
}
