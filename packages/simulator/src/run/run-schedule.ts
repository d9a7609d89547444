import { runCacheSchedule } from './cache-schedule.ts'
import { runCohortSchedule } from './cohort-schedule.ts'
import { runElectionSchedule } from './election-schedule.ts'
import { runFailoverSchedule } from './failover-schedule.ts'
import { runLockSchedule } from './lock-schedule.ts'
import { runMemCacheSchedule } from './mem-cache-schedule.ts'
import { runMemLockSchedule } from './mem-lock-schedule.ts'
import { runNearSchedule } from './near-schedule.ts'
import { runOptimisticSchedule } from './optimistic-schedule.ts'
import { runQuorumSchedule } from './quorum-schedule.ts'
import type { Outcome, Schedule } from './schedule.ts'
import { runSetSchedule } from './set-schedule.ts'
import { runStreamSchedule } from './stream-schedule.ts'

const RUN = {
  locks: runLockSchedule,
  cohort: runCohortSchedule,
  elections: runElectionSchedule,
  sets: runSetSchedule,
  quorum: runQuorumSchedule,
  failover: runFailoverSchedule,
  optimistic: runOptimisticSchedule,
  cache: runCacheSchedule,
  streams: runStreamSchedule,
  'memcached locks': runMemLockSchedule,
  'memcached cache': runMemCacheSchedule,
  near: runNearSchedule,
} as const

/** Runs the schedule of a seed: odd seeds are about values, even ones about locks of all kinds. */
export function runSchedule(schedule: Schedule): Promise<Outcome> {
  return RUN[schedule.bug?.where ?? whereOf(schedule.seed)](schedule)
}

/** What the seeds are about, by their remainder; those that take longest come least. */
const BY_16: Readonly<Record<number, keyof typeof RUN>> = {
  4: 'elections',
  10: 'sets',
  15: 'optimistic',
}
const BY_32: Readonly<Record<number, keyof typeof RUN>> = {
  6: 'cohort',
  7: 'streams',
  11: 'memcached cache',
  12: 'memcached locks',
  14: 'quorum',
  22: 'failover',
  27: 'near',
}

function whereOf(seed: number): keyof typeof RUN {
  return BY_32[seed % 32] ?? BY_16[seed % 16] ?? (seed % 2 === 1 ? 'cache' : 'locks')
}
