import type { CacheStore, Clock, LeaseStore, Random } from '@locks/core'
import type { CachePlan } from '../cache/cache-plan.ts'
import type { CohortPlan } from '../cohort/cohort-plan.ts'
import type { ElectionPlan } from '../elections/election-plan.ts'
import type { FailoverPlan } from '../failover/failover-plan.ts'
import type { Faults } from '../faults.ts'
import type { SimClient } from '../fleet/sim-client.ts'
import type { LockPlan } from '../locks/lock-plan.ts'
import type { MemLockPlan } from '../memcached/mem-lock-plan.ts'
import type { MemPlan } from '../memcached/mem-plan.ts'
import type { MemTransport } from '../memcached/mem-transport.ts'
import type { NearPlan } from '../near/near-plan.ts'
import type { OptimisticPlan } from '../optimistic/optimistic-plan.ts'
import type { QuorumPlan } from '../quorum/quorum-plan.ts'
import type { SetPlan } from '../sets/set-plan.ts'
import type { StreamPlan } from '../streams/stream-plan.ts'

/** One passage of production source, and what the bug makes of it. */
export interface Patch {
  /** From the packages folder, for example `core/src/lock/undo.ts`. */
  readonly file: string
  /** Occurs exactly once in the file; otherwise the run fails. */
  readonly search: string
  readonly replace: string
}

export type SimulatedStore = LeaseStore & CacheStore

/** A bug put in on purpose: the checks are good if they find it. Production code has no part in it. */
export interface Bug {
  readonly name: string
  readonly about: string
  readonly where:
    | 'locks'
    | 'cohort'
    | 'elections'
    | 'sets'
    | 'quorum'
    | 'failover'
    | 'optimistic'
    | 'cache'
    | 'streams'
    | 'memcached locks'
    | 'memcached cache'
    | 'near'
  /** The invariants that are expected to break. Caught by another one = not understood. */
  readonly breaks: readonly string[]
  /** A changed copy of the sources is run. */
  readonly patches: readonly Patch[]
  /** What stands between the code and the world in one client. */
  readonly store?: (store: SimulatedStore, client: SimClient) => SimulatedStore
  readonly transport?: (transport: MemTransport) => MemTransport
  readonly clock?: (clock: Clock) => Clock
  readonly random?: (random: Random) => Random
  /** Aims the schedules at the bug; the rest stays random. */
  readonly faults?: Partial<Faults>
  readonly plan?: Partial<LockPlan>
  readonly cohortPlan?: Partial<CohortPlan>
  readonly electionPlan?: Partial<ElectionPlan>
  readonly setPlan?: Partial<SetPlan>
  readonly cachePlan?: Partial<CachePlan>
  readonly quorumPlan?: Partial<QuorumPlan>
  readonly failoverPlan?: Partial<FailoverPlan>
  readonly memLockPlan?: Partial<MemLockPlan>
  readonly memPlan?: Partial<MemPlan>
  readonly optimisticPlan?: Partial<OptimisticPlan>
  readonly nearPlan?: Partial<NearPlan>
  readonly streamPlan?: Partial<StreamPlan>
}
