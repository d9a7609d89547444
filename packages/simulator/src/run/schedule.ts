import type { Bug } from '../bugs/bug.ts'
import type { Faults } from '../faults.ts'
import type { Tally } from '../tally.ts'
import type { Violation } from '../time/violation.ts'
import type { Subject } from './subject.ts'

/** What may go wrong in a schedule, and how it uses the code under test. */
export interface Setup {
  readonly faults: Readonly<Partial<Faults>>
  readonly plan: Readonly<Record<string, unknown>>
}

/** All that a schedule follows from. */
export interface Schedule {
  readonly seed: number
  readonly subject: Subject
  readonly bug: Bug | undefined
  /** Keep the trace as text. */
  readonly readable: boolean
  /** Instead of what the seed would draw. */
  readonly forced?: Setup
  /** Takes the history, line by line: what a client's locks and its store are asked and answer. */
  readonly record?: (process: string, line: string) => void
}

export interface Outcome {
  readonly violation: Violation | undefined
  readonly hash: string
  readonly lines: readonly string[] | undefined
  readonly events: number
  readonly tally: Tally
  readonly setup: Setup
}
