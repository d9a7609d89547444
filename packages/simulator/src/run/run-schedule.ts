import { runCacheSchedule } from './cache-schedule.ts'
import { runElectionSchedule } from './election-schedule.ts'
import { runFailoverSchedule } from './failover-schedule.ts'
import { runLockSchedule } from './lock-schedule.ts'
import { runOptimisticSchedule } from './optimistic-schedule.ts'
import { runQuorumSchedule } from './quorum-schedule.ts'
import type { Outcome, Schedule } from './schedule.ts'
import { runSetSchedule } from './set-schedule.ts'
import { runStreamSchedule } from './stream-schedule.ts'

const RUN = {
  locks: runLockSchedule,
  elections: runElectionSchedule,
  sets: runSetSchedule,
  quorum: runQuorumSchedule,
  failover: runFailoverSchedule,
  optimistic: runOptimisticSchedule,
  cache: runCacheSchedule,
  streams: runStreamSchedule,
} as const

/** Runs the schedule of a seed: odd seeds are about values, even ones about locks of all kinds. */
export function runSchedule(schedule: Schedule): Promise<Outcome> {
  return RUN[schedule.bug?.where ?? whereOf(schedule.seed)](schedule)
}

function whereOf(seed: number): keyof typeof RUN {
  if (seed % 16 === 7) return 'streams'
  if (seed % 2 === 1) return seed % 16 === 15 ? 'optimistic' : 'cache'
  if (seed % 16 === 4) return 'elections'
  if (seed % 16 === 14) return 'quorum'
  if (seed % 32 === 22) return 'failover'
  return seed % 16 === 10 ? 'sets' : 'locks'
}
