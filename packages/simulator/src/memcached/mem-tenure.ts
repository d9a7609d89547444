import type { Lock } from '@locks/core'
import type { SimClient } from '../fleet/sim-client.ts'

/** One acquisition from its grant to its end, as its holder sees it. */
export interface MemTenure {
  readonly client: SimClient
  readonly lock: Lock
  readonly key: string
  readonly ttlMs: number
  readonly graceMs: number
  readonly grantedAtMs: number
  /** Renewed by core, and by nothing else. */
  steady: boolean
}
