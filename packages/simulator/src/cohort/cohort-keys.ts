import type { CohortPlan } from './cohort-plan.ts'

/** The keys of the names that the callers of a schedule want. */
export const cohortKeys = ({ names }: Pick<CohortPlan, 'names'>): string[] =>
  Array.from({ length: names }, (_, i) => `locks:l1:{${String.fromCharCode(97 + i)}}`)
