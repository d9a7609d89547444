import { backoffMs } from '../backoff.ts'
import type { Clock } from '../clock.ts'
import type { Answer } from '../contract/answer.ts'
import { withDeadline } from '../deadline.ts'
import { isLocksError, LockTimeoutError } from '../errors.ts'
import type { Interrupt } from '../interrupt.ts'
import { isPending } from '../is-pending.ts'
import { sleep } from '../sleep.ts'
import { attempt, type Busy, type Wanted } from './attempt.ts'
import type { Engine } from './engine.ts'
import type { Grant } from './grant.ts'
import { queuedAttempt } from './queued-attempt.ts'
import type { Turn } from './turn.ts'

/** Of one try; an error is trouble with the store. */
type Outcome = Grant | Busy | Error

const BACKOFF = { firstMs: 10, maxMs: 500 }
/** Slower: each try without an answer leaves something to undo. */
const TROUBLE_BACKOFF = { firstMs: 20, maxMs: 2000 }

/**
 * Tries until it is granted or the wait is over. Where the store queues, one try is the whole wait and
 * ends by a push. Else it is a jittered back-off, never past the end of the lease in the way, of one
 * waiter per process and name; and so it is while the store gives no answer. With `fair: false` each
 * waiter tries for itself. Settles within the wait, from `startedAtMs` on, plus one store deadline.
 * `nowMs`: our clock, if it has been read in this very turn.
 * @throws LockTimeoutError, or StoreUnavailableError when the last try had no answer; ConflictError;
 *   the reason of `interrupt`.
 */
export function acquireWithin(
  engine: Engine,
  wanted: Wanted,
  interrupt: Interrupt,
  startedAtMs = engine.clock.now(),
  nowMs?: number,
): Answer<Grant> {
  const barges = wanted.steal || wanted.fair === false
  const waitsInLine = !engine.inbox.supported && wanted.waitMs > 0 && !barges
  if (waitsInLine) return acquireInLine(engine, wanted, startedAtMs, interrupt)
  const first = tryOnce(engine, wanted, startedAtMs, interrupt, nowMs)
  if (!isPending(first) && 'token' in first) return first
  return tryUntil(engine, wanted, startedAtMs, interrupt, first)
}

async function acquireInLine(
  engine: Engine,
  wanted: Wanted,
  startedAtMs: number,
  interrupt: Interrupt,
): Promise<Grant> {
  const { clock, lines } = engine
  const leftMs = () => restMs(engine, wanted, startedAtMs)
  interrupt.throwIfTripped()
  const turn = lines.enter(wanted)
  try {
    const isFirst = await turn.comes(Math.max(0, leftMs()), interrupt)
    if (!isFirst && turn.heard) throw whyNot(wanted, turn.heard, clock.now() - startedAtMs)
    if (isFirst && turn.isHeldHere) {
      await turn.pause(pauseMs(engine, turn.tries, { remainingMs: Infinity }, leftMs()), interrupt)
    }
    const first = tryOnce(engine, wanted, startedAtMs, interrupt)
    const ownTurn = isFirst ? turn : undefined
    const grant = await tryUntil(engine, wanted, startedAtMs, interrupt, first, ownTurn)
    turn.granted(grant.validUntilMs - clock.now())
    return grant
  } finally {
    turn.leave()
  }
}

/** Goes on after `first`, the try that has been made. */
async function tryUntil(
  engine: Engine,
  wanted: Wanted,
  startedAtMs: number,
  interrupt: Interrupt,
  first: Answer<Outcome>,
  turn?: Turn,
): Promise<Grant> {
  const { clock } = engine
  let trial = first
  for (let tries = 0; ; tries++) {
    let outcome: Outcome
    try {
      outcome = await trial
    } catch (error) {
      outcome = toTrouble(error, interrupt)
    }
    if ('token' in outcome) return outcome
    turn?.tell(outcome)
    const leftMs = restMs(engine, wanted, startedAtMs)
    if (leftMs <= 0) throw whyNot(wanted, outcome, clock.now() - startedAtMs)
    if (!(await isOpened(engine, wanted, outcome, leftMs, interrupt))) {
      const stillLeftMs = restMs(engine, wanted, startedAtMs)
      const delayMs = pauseMs(engine, turn?.tries ?? tries, outcome, stillLeftMs)
      await pause(clock, delayMs, interrupt, turn)
    }
    trial = tryOnce(engine, wanted, startedAtMs, interrupt)
  }
}

function pause(clock: Clock, delayMs: number, interrupt: Interrupt, turn?: Turn): Promise<void> {
  return turn ? turn.pause(delayMs, interrupt) : sleep(clock, delayMs, interrupt)
}

/** Before the next try. */
function pauseMs({ random }: Engine, tries: number, last: Busy | Error, leftMs: number): number {
  const backOffMs =
    last instanceof Error
      ? backoffMs(tries, TROUBLE_BACKOFF, random)
      : Math.min(backoffMs(tries, BACKOFF, random), last.remainingMs + 1)
  return Math.max(0, Math.min(backOffMs, leftMs))
}

/** With a place in the queue, where there is one and time to wait in it. */
function tryOnce(
  engine: Engine,
  wanted: Wanted,
  startedAtMs: number,
  interrupt: Interrupt,
  nowMs?: number,
): Answer<Outcome> {
  const leftMs = engine.inbox.ready ? restMs(engine, wanted, startedAtMs, nowMs) : 0
  return leftMs > 0 && wanted.fair !== false
    ? queuedAttempt(engine, wanted, leftMs, interrupt, nowMs)
    : attempt(engine, wanted, interrupt, nowMs)
}

const restMs = (
  { clock }: Engine,
  { waitMs }: Wanted,
  startedAtMs: number,
  nowMs = clock.now(),
): number => waitMs - (nowMs - startedAtMs)

/** @throws what is no trouble with the store. */
function toTrouble(error: unknown, interrupt: Interrupt): Error {
  // Its reason may look like trouble with the store, as that of a close does.
  interrupt.throwIfTripped()
  if (isLocksError(error) && error.code === 'STORE_UNAVAILABLE') return error
  throw error
}

/**
 * Opens the inbox for a first waiter that was refused; whether it was opened just now. Nothing enqueues
 * before the pushes are known to arrive: until then, tries only. Trouble with the store is told.
 */
async function isOpened(
  engine: Engine,
  { name, fair }: Wanted,
  outcome: Busy | Error,
  leftMs: number,
  interrupt: Interrupt,
): Promise<boolean> {
  const { clock, emit, inbox, leases } = engine
  if (outcome instanceof Error) {
    emit({ type: 'store-error', name, error: outcome })
    return false
  }
  if (!inbox.supported || inbox.ready || fair === false) return false
  try {
    await withDeadline(clock, Math.min(leases.deadlineMs, leftMs), inbox.open(), interrupt)
    return true
  } catch (error) {
    interrupt.throwIfTripped()
    emit({ type: 'store-error', name, error: error as Error })
    return false
  }
}

/** What a wait that ended in vain throws. */
export function whyNot(
  { name, onSelfWait }: Wanted,
  outcome: Busy | Error,
  waitedMs: number,
): Error {
  if (outcome instanceof Error) return outcome
  const seconds = (waitedMs / 1000).toFixed(3)
  const who = onSelfWait ? ' by the very caller that asked for it again' : ''
  return new LockTimeoutError(`lock ${name} was held${who} for all of ${seconds} s`, waitedMs)
}
