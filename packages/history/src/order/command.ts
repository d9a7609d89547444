import type { Span } from '../claim.ts'

/** What a store was told to do, somewhere in this time; once, if at all. */
export interface Command extends Span {
  readonly name: string
  readonly request: object
  /** Absent = nobody knows, and it may not have happened. */
  readonly reply?: { readonly is: unknown }
  /** Told in messages. */
  readonly process: string
}
