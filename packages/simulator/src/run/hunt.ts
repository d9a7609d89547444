import type { Bug } from '../bugs/bug.ts'
import { runCampaign } from './campaign.ts'
import { patchedSubject } from './subject.ts'

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

/** Lets the checks look for `bug` until they find something, in `schedulesMax` schedules at most. */
export async function huntBug(bug: Bug, seed: number, schedulesMax: number): Promise<Hunt> {
  const { name, about, patches, breaks } = bug
  const subject = await patchedSubject(patches)
  const range = { seed, schedules: schedulesMax, violationsMax: 1 }
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
