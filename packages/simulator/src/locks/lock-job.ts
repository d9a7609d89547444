import type { LockAudit } from './lock-audit.ts'
import type { LockPlan } from './lock-plan.ts'

/** What the callers of one schedule have in common. */
export interface LockJob {
  readonly plan: LockPlan
  readonly audit: LockAudit
  /** Until then nobody does anything after the first round; 0 = no such time. */
  readonly idleUntilMs: number
}
