import type { LockSet } from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'

/** One call of `acquireAll`, from the asking to the end of what it gave. */
export interface SetCall {
  readonly client: SimClient
  readonly startedAtMs: number
  /** It has waited for longer than anybody may work. */
  readonly patient: boolean
  readonly renew: boolean
  /** Its signal has aborted. */
  interrupted: boolean
  set: LockSet | undefined
  /** It has failed, or its set is released or lost. */
  overAtMs: number | undefined
}
