import type { CountName } from './counts.ts'

export interface Expectations {
  /** What must have been seen, at least; with less of anything the verdict is `vacuous`. */
  readonly atLeast: Readonly<Partial<Record<CountName, number>>>
  /** How often each of these faults must have been there while somebody held a lock. */
  readonly faultsWhileHeld?: Readonly<Record<string, number>>
  /** How long a reader may believe in what was deleted elsewhere (L1 without signals); 0 if not given. */
  readonly staleMs?: number
  /** How long a fault is felt after its end: renewals and elections come behind it; 0 if not given. */
  readonly recoveryMs?: number
  /** Beyond its ttl, how long a token that nobody owns may be in the store; 1000 if not given. */
  readonly orphanMs?: number
}
