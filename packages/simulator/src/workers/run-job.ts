import { ALL_BUGS } from '../bugs/all-bugs.ts'
import { type Campaign, runCampaign, runSeed } from '../run/campaign.ts'
import { type Hunt, huntBug } from '../run/hunt.ts'
import { PRODUCTION } from '../run/production.ts'
import { type RecordedRun, recordRun } from '../run/record-run.ts'
import type { Outcome } from '../run/schedule.ts'
import { type Shrunk, shrink } from '../run/shrink.ts'
import { subjectOf } from '../run/subject.ts'
import type { Job, SeededBug } from './job.ts'

/** What comes of a job, by its kind. */
export interface Results {
  readonly campaign: Campaign
  readonly hunt: Hunt
  readonly shrink: Shrunk | undefined
  readonly history: RecordedRun
  readonly trace: Pick<Outcome, 'hash' | 'lines' | 'violation'>
}

const tested = { subject: PRODUCTION, bug: undefined }

export async function runJob(job: Job): Promise<Results[Job['kind']]> {
  switch (job.kind) {
    case 'campaign':
      return runCampaign(tested, job.range)
    case 'hunt':
      return huntBug(withBug(job.in), job.range)
    case 'shrink':
      return shrink(job.in ? withBug(job.in) : tested, job.seed)
    case 'history':
      return recordRun(tested, job.seed)
    case 'trace': {
      const { hash, lines, violation } = await runSeed(tested, job.seed, true)
      return { hash, lines, violation }
    }
  }
}

function withBug({ name, bundle }: SeededBug) {
  const bug = ALL_BUGS.find((each) => each.name === name)
  if (!bug) throw new Error(`no such bug: ${name}`)
  return { subject: subjectOf(bundle), bug }
}
