import type { CacheState } from '@locks/core/spec'
import type { SimClient } from '../fleet/sim-client.ts'

/** What the checks of the cache see of a server. */
export interface CacheServer {
  /** Epoch ms. */
  readonly nowMs: number
  /** How many of its own commands, one after the other, a command of the cache store takes. */
  readonly roundTrips: number
  /** It does nothing for a command that comes too late. */
  readonly refusesLate: boolean
  readonly hasSignals: boolean
  cache(key: string): CacheState
  /** Pushes reach the client, as far as it has been told. */
  hears(client: SimClient): boolean
}
