import type { PushedGrant } from '../contract/lease-store.ts'
import { StoreUnavailableError } from '../errors.ts'
import type { Interrupt } from '../interrupt.ts'
import type { Busy, Wanted } from './attempt.ts'
import type { Engine } from './engine.ts'
import type { Grant } from './grant.ts'
import type { ReceivedGrant } from './place.ts'
import { toGrant } from './to-grant.ts'
import { validUntilMs } from './validity.ts'

/** Allowance for clocks that run at different rates while somebody waits. */
const RATE_MARGIN = 0.995

/** The store counts in whole milliseconds. */
const ROUNDING_MS = 1

/** What a waiter knew when it entered the queue. */
export interface Enqueue {
  readonly sentAtMs: number
  /** The inbox's connection at that time. */
  readonly connection: number
}

/**
 * Turns a pushed grant into a lease to believe in.
 *
 * A push does not say when it was sent, on our clock. Its anchor is our sending of the enqueue plus the
 * time that the store counted from the enqueue to the grant. A grant that may be old, or came after a
 * push may have been lost, is extended before anything runs on it.
 */
export async function takeOver(
  engine: Engine,
  wanted: Wanted,
  enqueue: Enqueue,
  { grant, receivedAtMs }: ReceivedGrant,
  interrupt: Interrupt,
): Promise<Grant | Busy> {
  const { clock, inbox } = engine
  const { ttlMs, graceMs } = wanted
  const grantMs = grant.remainingMs
  const queuedMs = grant.grantedAtMs - grant.enqueuedAtMs
  const grantedAtMs = enqueue.sentAtMs + queuedMs * RATE_MARGIN
  const anchorMs = Math.min(grantedAtMs, receivedAtMs)
  const until = validUntilMs(anchorMs, grantMs, graceMs)
  const nowMs = clock.now()
  const isDoubtful =
    inbox.connection !== enqueue.connection ||
    // Granted after it was here: the store's clock has jumped, or its successor's is ahead.
    grantedAtMs - ROUNDING_MS > receivedAtMs ||
    receivedAtMs - anchorMs > grantMs / 4 ||
    until <= nowMs
  if (isDoubtful) return confirm(engine, wanted, grant, interrupt)

  const { token, fence } = grant
  if (grantMs === ttlMs + graceMs) return toGrant(wanted, token, fence, until, nowMs)
  const short = { extendAtMs: anchorMs + grantMs / 3, endsAtMs: anchorMs + ttlMs }
  return toGrant(wanted, token, fence, until, nowMs, short)
}

/** @throws StoreUnavailableError without an answer; the reason of `interrupt`. */
async function confirm(
  { leases, clock }: Engine,
  wanted: Wanted,
  { token, fence }: PushedGrant,
  interrupt: Interrupt,
): Promise<Grant | Busy> {
  const { key, ttlMs, graceMs } = wanted
  const sent = leases.extend({ key, token, ttlMs: ttlMs + graceMs }, interrupt)
  const reply = await sent.reply
  if (reply.state === 'late') throw new StoreUnavailableError('the store refused a late command')
  // Gone before it was here: somebody else may hold it by now.
  if (reply.state !== 'extended') return { remainingMs: 0 }
  const until = validUntilMs(sent.sentAtMs, reply.remainingMs, graceMs)
  const nowMs = clock.now()
  if (until <= nowMs) return { remainingMs: 0 }
  return toGrant(wanted, token, fence, until, nowMs)
}
