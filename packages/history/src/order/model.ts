import type { Span } from '../claim.ts'
import type { Command } from './command.ts'

/** What a key of a store may contain, and what a command may do to it. */
export interface Model<State> {
  readonly initial: State
  /**
   * What the key may contain after the command is run on it somewhere in this time, in each way that
   * agrees with its reply. None = it cannot have been run here.
   */
  run(state: State, command: Command, span: Span): readonly State[]
  /** Equal for states from which the same can follow. */
  keyOf(state: State): string
}
