import type { LockGrant } from '@locks/core'
import type { LockAudit } from './lock-audit.ts'
import type { LockPlan } from './lock-plan.ts'
import type { Tenure } from './tenure.ts'

/** What the callers of one schedule have in common. */
export interface LockJob {
  readonly plan: LockPlan
  readonly audit: LockAudit
  /** Gives `grant` to some caller of some client. */
  readonly pass: (grant: LockGrant, from: Tenure) => void
  /** Until then nobody does anything after the first round; 0 = no such time. */
  readonly idleUntilMs: number
}
