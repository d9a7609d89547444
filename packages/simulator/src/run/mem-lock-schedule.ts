import { MemLockAudit } from '../memcached/mem-lock-audit.ts'
import { drawMemLockPlan } from '../memcached/mem-lock-plan.ts'
import { MemLockWorker } from '../memcached/mem-lock-worker.ts'
import { MemStage } from '../memcached/mem-stage.ts'
import type { Outcome, Schedule } from './schedule.ts'
import { Stage } from './stage.ts'

/** Runs one schedule of several processes that fight for locks on a memcached. */
export function runMemLockSchedule(schedule: Schedule): Promise<Outcome> {
  const { subject, bug } = schedule
  const stage = new Stage(schedule, (dice) => drawMemLockPlan(dice, bug?.memLockPlan ?? {}))
  const { world, tally, plan } = stage
  const memcached = new MemStage(stage, schedule)
  const audit = new MemLockAudit(world, memcached.server, tally, plan.storeTimeoutMs)
  for (const client of stage.clients) {
    const locks = subject.createLocks(memcached.openStore(client, audit), stage.inject(client))
    for (let i = 0; i < plan.workers; i++) {
      const worker = new MemLockWorker(client, locks, plan, audit)
      stage.start(client, () => worker.run())
    }
  }
  memcached.planLosses(audit)
  return stage.play(audit)
}
