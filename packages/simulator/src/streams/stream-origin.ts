import type { SimClient } from '../fleet/sim-client.ts'

/** One run of a loader. */
export interface StreamOrigin {
  readonly id: number
  readonly client: SimClient
  readonly key: string
  /** How many items it gives, unless it fails. */
  readonly items: number
  readonly startedAtMs: number
  /** It has given all. */
  isWhole: boolean
}

/** One item of a stream: which run of a loader it is from, and the how manieth. */
export interface StreamItem {
  readonly origin: number
  readonly index: number
}
