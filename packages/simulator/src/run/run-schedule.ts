import { runCacheSchedule } from './cache-schedule.ts'
import { runLockSchedule } from './lock-schedule.ts'
import type { Outcome, Schedule } from './schedule.ts'

/** Runs the schedule of a seed: even seeds are about locks, odd ones about the cache. */
export function runSchedule(schedule: Schedule): Promise<Outcome> {
  const where = schedule.bug?.where ?? (schedule.seed % 2 === 0 ? 'locks' : 'cache')
  return where === 'locks' ? runLockSchedule(schedule) : runCacheSchedule(schedule)
}
