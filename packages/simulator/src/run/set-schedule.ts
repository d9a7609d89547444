import { SetAudit } from '../sets/set-audit.ts'
import { drawSetPlan } from '../sets/set-plan.ts'
import { SetWorker } from '../sets/set-worker.ts'
import { QueuedSimStore } from '../store/queued-sim-store.ts'
import { SimStore } from '../store/sim-store.ts'
import type { Outcome, Schedule } from './schedule.ts'
import { Stage } from './stage.ts'

/** Runs one schedule of several processes that each want several names at once. */
export function runSetSchedule(schedule: Schedule): Promise<Outcome> {
  const { subject, bug } = schedule
  const stage = new Stage(schedule, (dice) => drawSetPlan(dice, bug?.setPlan ?? {}))
  const { world, server, tally, plan } = stage
  const audit = new SetAudit(world, server, tally, plan)
  server.watcher = audit
  const Store = plan.queue ? QueuedSimStore : SimStore
  for (const client of stage.clients) {
    const locks = subject.createLocks(stage.openStore(client, audit, Store), {
      ...stage.inject(client),
      onEvent: (event) => event.type === 'lost' && audit.lost(client, event.name),
    })
    const worker = new SetWorker(client, locks, plan, audit)
    stage.start(client, () => worker.run())
  }
  return stage.play(audit)
}
