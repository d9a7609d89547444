import type { Wanted } from './attempt.ts'
import type { Cohort } from './cohort.ts'

/** What an attempt was granted. */
export interface Grant extends Wanted {
  readonly token: string
  readonly fence: number | undefined
  readonly validUntilMs: number
  /** On our clock, when it was found to be worth something. */
  readonly grantedAtMs: number
  /** A pushed grant that was set for less than its ttl: when to extend it, and when its ttl ends. */
  readonly short: { readonly extendAtMs: number; readonly endsAtMs: number } | undefined
  /** Who may have it next, without the store. */
  readonly cohort?: Cohort
}
