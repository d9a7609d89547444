import { Candidate } from '../elections/candidate.ts'
import { ElectionAudit } from '../elections/election-audit.ts'
import { drawElectionPlan } from '../elections/election-plan.ts'
import { QueuedSimStore } from '../store/queued-sim-store.ts'
import { SimStore } from '../store/sim-store.ts'
import type { Outcome, Schedule } from './schedule.ts'
import { Stage } from './stage.ts'

/** Runs one schedule of several processes of which one is to lead. */
export function runElectionSchedule(schedule: Schedule): Promise<Outcome> {
  const { subject, bug } = schedule
  const stage = new Stage(schedule, (dice) => drawElectionPlan(dice, bug?.electionPlan ?? {}))
  const { world, server, tally, plan } = stage
  const audit = new ElectionAudit(world, server, tally, plan)
  server.watcher = audit
  const Store = plan.queue ? QueuedSimStore : SimStore
  for (const client of stage.clients) {
    const locks = subject.createLocks(stage.openStore(client, audit, Store), stage.inject(client))
    const candidate = new Candidate(client, locks, plan, audit)
    stage.start(client, () => candidate.run())
  }
  return stage.play(audit)
}
