import type { Lock } from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'
import type { Share } from './share.ts'

/** One acquisition from its grant to its end, as its holder sees it. */
export interface Tenure {
  readonly client: SimClient
  readonly lock: Lock
  readonly key: string
  readonly share: Share
  readonly ttlMs: number
  readonly graceMs: number
  readonly grantedAtMs: number
  /** How its holder learns of a loss. */
  readonly trusts: 'held' | 'signal'
  readonly renew: boolean
  /** It was taken from whoever held it. */
  readonly steals: boolean
  readonly maxHoldMs: number | undefined
  /** Its holder has used it in other ways than holding it. */
  touched: boolean
  /** Renewed by core, and by nothing else: on a healthy link it lasts. */
  steady: boolean
}
