import { OptimisticAudit } from '../optimistic/optimistic-audit.ts'
import { drawOptimisticPlan } from '../optimistic/optimistic-plan.ts'
import { OptimisticWorker } from '../optimistic/optimistic-worker.ts'
import { SimStore } from '../store/sim-store.ts'
import type { Outcome, Schedule } from './schedule.ts'
import { Stage } from './stage.ts'

/** Runs one schedule of several processes that change values by version. */
export function runOptimisticSchedule(schedule: Schedule): Promise<Outcome> {
  const { subject, bug } = schedule
  const stage = new Stage(schedule, (dice) => drawOptimisticPlan(dice, bug?.optimisticPlan ?? {}))
  const { world, tally, plan } = stage
  const audit = new OptimisticAudit(world, tally)
  for (const client of stage.clients) {
    const store = stage.openStore(client, audit, SimStore)
    const options = stage.inject(client)
    const open = (name: string) => subject.optimistic<never>(store, name, options)
    const worker = new OptimisticWorker(client, open, plan, audit)
    stage.start(client, () => worker.run())
  }
  return stage.play(audit)
}
