import type { Bug } from '../bugs/bug.ts'
import { type Range, runCampaign } from './campaign.ts'
import type { Subject } from './subject.ts'

/** How one seeded bug fared. */
export interface Hunt {
  readonly name: string
  readonly about: string
  /** Found, and by an invariant that it is known to break. */
  readonly caught: boolean
  readonly invariant: string | undefined
  readonly message: string | undefined
  /** How many schedules it took. */
  readonly schedules: number
}

/** Lets the checks look for `bug`, which is in `subject`, until they find something. */
export async function huntBug(bug: Bug, subject: Subject, range: Range): Promise<Hunt> {
  const { name, about, breaks } = bug
  const campaign = await runCampaign({ subject, bug }, range)
  const [violation] = campaign.violations
  return {
    name,
    about,
    caught: violation !== undefined && breaks.includes(violation.invariant),
    invariant: violation?.invariant,
    message: violation?.message,
    schedules: campaign.schedules,
  }
}
