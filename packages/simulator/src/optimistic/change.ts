import type { SimClient } from '../fleet/sim-client.ts'

/** What is stored: a change, and the one that its maker had seen. */
export interface Link {
  readonly id: number
  readonly after: number | undefined
}

/** One reading of a value, with which it is changed. */
export interface Reading {
  readonly client: SimClient
  readonly key: string
  /** The last change that this one knows of: read, or made and confirmed. */
  seen: number | undefined
}

/** One call that is to change a value. */
export interface Change {
  readonly reading: Reading
  readonly id: number
  isSettled: boolean
}
