import type { Term } from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'

/** One call of `elect`, as its caller sees it. */
export interface Campaign {
  readonly client: SimClient
  /** Since when it wants to be elected; `undefined` while it leads or when it is over. */
  waitsSinceMs: number | undefined
  /** Its signal has aborted. */
  stopping: boolean
  /** Its callback runs. */
  term: Term | undefined
  /** Its last term was lost. */
  lost: boolean
}
