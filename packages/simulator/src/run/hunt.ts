import type { Bug } from '../bugs/bug.ts'
import { type Range, runCampaign, type Tested } from './campaign.ts'

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
  /** Of the schedule that has found it. */
  readonly seed: number | undefined
}

/** Lets the checks look for a bug until they find something. */
export async function huntBug(tested: Tested & { readonly bug: Bug }, range: Range): Promise<Hunt> {
  const { name, about, breaks } = tested.bug
  const campaign = await runCampaign(tested, range)
  const [violation] = campaign.violations
  return {
    name,
    about,
    caught: violation !== undefined && breaks.includes(violation.invariant),
    invariant: violation?.invariant,
    message: violation?.message,
    schedules: campaign.schedules,
    seed: violation?.seed,
  }
}
