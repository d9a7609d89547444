import { Tally } from '../tally.ts'
import { Trace } from '../time/trace.ts'
import type { Violation } from '../time/violation.ts'
import { Rejections } from './rejections.ts'
import { runSchedule } from './run-schedule.ts'
import type { Outcome, Schedule, Setup } from './schedule.ts'

/** What is tested. */
export type Tested = Pick<Schedule, 'subject' | 'bug'>

export interface Range {
  readonly seed: number
  readonly schedules: number
  /** Ends after so many violations. */
  readonly violationsMax: number
}

export interface Campaign {
  readonly schedules: number
  readonly events: number
  /** Of all traces together. */
  readonly hash: string
  readonly violations: readonly (Violation & { readonly seed: number })[]
  readonly counts: Readonly<Record<string, number>>
}

/** Runs the schedules of consecutive seeds. */
export async function runCampaign(tested: Tested, range: Range): Promise<Campaign> {
  const rejections = new Rejections()
  const tally = new Tally()
  const trace = new Trace(false)
  const violations: (Violation & { readonly seed: number })[] = []
  let schedules = 0
  let events = 0
  while (schedules < range.schedules && violations.length < range.violationsMax) {
    const seed = range.seed + schedules++
    const outcome = await runSeed(tested, seed, false)
    const rejection = rejections.take()
    trace.add(0, seed, outcome.hash)
    tally.addAll(outcome.tally)
    events += outcome.events
    if (outcome.violation) violations.push({ seed, ...outcome.violation })
    else if (rejection) {
      const message = `nobody handles a rejection: ${rejection}`
      violations.push({ seed, invariant: 'rejections', message, atMs: 0 })
    }
  }
  rejections.close()
  return { schedules, events, hash: trace.hash, violations, counts: tally.toJSON() }
}

/** Runs the schedule of one seed. `readable`: with its trace as text. */
export function runSeed(
  tested: Tested,
  seed: number,
  readable: boolean,
  forced?: Setup,
): Promise<Outcome> {
  return runSchedule({ ...tested, seed, readable, ...(forced && { forced }) })
}
