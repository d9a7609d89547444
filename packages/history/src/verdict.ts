import type { Counts } from './counts.ts'

export interface Violation {
  /** Which check found it. */
  readonly check: string
  /** A sentence with what, who and when. */
  readonly message: string
  readonly atMs: number
  /** An announced fault may cause this: it is a known hole that was seen, not a broken promise. */
  readonly excusedBy?: string
}

/** `vacuous`: nothing is wrong, but too little was seen to say so; a failed run. */
export interface Verdict {
  readonly is: 'sound' | 'violated' | 'vacuous'
  /** Broken promises. */
  readonly violations: readonly Violation[]
  /** Known holes that were seen. */
  readonly excused: readonly Violation[]
  readonly counts: Counts
  /** What was seen too little of, a sentence each. */
  readonly vacuous: readonly string[]
}
