import type { Expectations } from '@locks/history'
import type { Tested } from './campaign.ts'
import { runSchedule } from './run-schedule.ts'
import type { Outcome } from './schedule.ts'

/** A schedule and the histories of its processes, by their names. */
export interface RecordedRun {
  readonly violation: Outcome['violation']
  readonly texts: ReadonlyMap<string, string>
}

/** What a history of a simulated run is judged by. */
export const EXPECTED: Expectations = {
  atLeast: {},
  // Six store timeouts of 300 ms at most.
  commandLateMs: 2000,
  commandsRepeat: true,
  orderStepsMax: 500,
  // A load without the store serves its process for a second; a lease of a load lasts for one.
  staleMs: 2000,
  recoveryMs: 6000,
}

/** Runs the schedule of one seed, and writes down what its processes ask and are told. */
export async function recordRun(tested: Tested, seed: number): Promise<RecordedRun> {
  const texts = new Map<string, string>()
  const record = (process: string, line: string) => {
    texts.set(process, (texts.get(process) ?? '') + line)
  }
  const schedule = { ...tested, seed, readable: false, record }
  const { violation } = await runSchedule(schedule)
  return { violation, texts }
}
