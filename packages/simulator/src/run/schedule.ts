import type { Bug } from '../bugs/bug.ts'
import type { Tally } from '../tally.ts'
import type { Turn } from '../time/turn.ts'
import type { Violation } from '../time/violation.ts'
import type { Subject } from './subject.ts'

/** All that a schedule follows from. */
export interface Schedule {
  readonly seed: number
  readonly subject: Subject
  readonly bug: Bug | undefined
  readonly turn: Turn
  /** Keep the trace as text. */
  readonly readable: boolean
  /** Takes the history, line by line: what a client's locks and its store are asked and answer. */
  readonly record?: (process: string, line: string) => void
}

export interface Outcome {
  readonly violation: Violation | undefined
  readonly hash: string
  readonly lines: readonly string[] | undefined
  readonly events: number
  readonly tally: Tally
}
