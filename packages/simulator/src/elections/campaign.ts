import type { Term } from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'

/** One call of `elect`, as its caller sees it. */
export interface Campaign {
  readonly client: SimClient
  /** How its leaders learn of a loss. */
  readonly trusts: 'held' | 'signal'
  /** Since when it wants to be elected; `undefined` while it leads or when it is over. */
  waitsSinceMs: number | undefined
  /** Its signal has aborted. */
  stopping: boolean
  /** Its callback runs. */
  term: Term | undefined
  /** Its leader has believed in the term when it was last looked at. */
  believed: boolean
  /** Its last term was lost. */
  lost: boolean
}
