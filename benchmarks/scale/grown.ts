import type { Scenario } from '../harness/report.ts'

/** How something grows, and by its number what each of it keeps of the heap. */
export interface Grown {
  readonly scenario: Scenario
  readonly kilobytes: ReadonlyMap<number, number>
}
