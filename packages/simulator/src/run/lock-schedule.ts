import { recordLocks } from '@locks/history'
import { LockAudit } from '../locks/lock-audit.ts'
import type { LockJob } from '../locks/lock-job.ts'
import { drawLockPlan, type LockPlan } from '../locks/lock-plan.ts'
import { LockWorker } from '../locks/lock-worker.ts'
import { planLostQueues } from '../locks/plan-lost-queues.ts'
import { QueuedSimStore } from '../store/queued-sim-store.ts'
import { SimStore } from '../store/sim-store.ts'
import type { Outcome, Schedule } from './schedule.ts'
import { Stage } from './stage.ts'

const SIMPLE: Partial<LockPlan> = {
  queue: false,
  sharing: 'none',
  strays: 0,
  maxHold: 0,
  coolDown: 0,
  handover: 0,
  steal: 0,
}

/** Runs one schedule of several processes that fight for locks. */
export function runLockSchedule(schedule: Schedule): Promise<Outcome> {
  const { subject, bug } = schedule
  const stage = new Stage(schedule, (dice) =>
    drawLockPlan(dice, {
      // Bugs are found without what they are not about.
      ...(bug && SIMPLE),
      ...bug?.plan,
    }),
  )
  const { world, server, tally, plan, idleUntilMs } = stage
  const audit = new LockAudit(world, server, tally, plan.storeTimeoutMs, plan)
  server.watcher = audit
  // A history is judged by what the store was told: nobody tells it that.
  if (plan.queue && !schedule.record) {
    const onLoss = (key: string, tokens: ReadonlySet<string>) => audit.queueLost(key, tokens)
    const { lostQueues: chance } = stage.faults
    planLostQueues(schedule.seed, { world, server, tally, chance, ...stage.trouble, onLoss })
  }
  const Store = plan.queue ? QueuedSimStore : SimStore
  const workers: LockWorker[] = []
  const pass: LockJob['pass'] = (grant, from) => {
    const worker = workers[world.dice.whole(0, workers.length - 1)] as LockWorker
    stage.start(worker.client, () => worker.adopt(grant, from))
  }
  for (const client of stage.clients) {
    const plain = subject.createLocks(stage.openStore(client, audit, Store), stage.inject(client))
    const recorder = stage.recorderOf(client)
    const locks = recorder ? recordLocks(plain, recorder) : plain
    for (let i = 0; i < plan.workers; i++) {
      const worker = new LockWorker(client, locks, { plan, audit, pass, idleUntilMs })
      workers.push(worker)
      stage.start(client, () => worker.run())
    }
  }
  return stage.play(audit)
}
