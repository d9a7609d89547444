import type { PushedGrant, PushedLoss } from '../contract/lease-store.ts'

/** What a step may know of the world: no more than the store itself does. */
export interface LeaseEnvironment {
  /** The store's clock, whole microseconds. */
  readonly nowUs: number
  /** Whether a push to this subscriber would arrive; a waiter whose subscriber is gone is skipped. */
  readonly alive: (subscriber: string) => boolean
}

/** A waiter became a holder while somebody else's command ran: the store pushes this to it. */
export interface StepGrant extends Omit<PushedGrant, 'key'> {
  readonly subscriber: string
}

/** A holder was deposed: the store pushes this to it. */
export interface StepLoss extends Omit<PushedLoss, 'key'> {
  readonly subscriber: string
}

/** What came of one command: the reply to its sender, and what is to be pushed to others. */
export interface LeaseStep<Reply> {
  readonly reply: Reply
  readonly grants: readonly StepGrant[]
  /** Absent = none. */
  readonly losses?: readonly StepLoss[]
}
