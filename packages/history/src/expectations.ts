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
  /** How much a store's ttl may differ from what was asked for; 5 if not given. */
  readonly ttlSlackMs?: number
  /** How long after its end a command of unknown outcome may still be run; for ever if not given. */
  readonly commandLateMs?: number
  /** A client sends a command again when its connection breaks, so it may be run twice before its end. */
  readonly commandsRepeat?: boolean
  /**
   * Every waiter in a store's queue hears its pushes all the time. Without this, keys with a queue are
   * left out when the order of commands is looked for: who is skipped is not known.
   */
  readonly waitersHear?: boolean
  /** Steps after which the search for an order of one key's commands gives up; 200,000 if not given. */
  readonly orderStepsMax?: number
}
