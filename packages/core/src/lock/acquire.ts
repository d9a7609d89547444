import { backoffMs } from '../backoff.ts'
import { withDeadline } from '../deadline.ts'
import { isLocksError, LockTimeoutError } from '../errors.ts'
import type { Interrupt } from '../interrupt.ts'
import { sleep } from '../sleep.ts'
import { attempt, type Busy, type Wanted } from './attempt.ts'
import type { Engine } from './engine.ts'
import type { Grant } from './grant.ts'
import { queuedAttempt } from './queued-attempt.ts'
import type { Turn } from './turn.ts'

const BACKOFF = { firstMs: 10, maxMs: 500 }
/** Slower: each try without an answer leaves something to undo. */
const TROUBLE_BACKOFF = { firstMs: 20, maxMs: 2000 }

/**
 * Tries until it is granted or the wait is over. Where the store queues, one try is the whole wait and
 * ends by a push. Else it is a jittered back-off, never past the end of the lease in the way, of one
 * waiter per process and name; and so it is while the store gives no answer. With `fair: false` each
 * waiter tries for itself. Settles within the wait, from `startedAtMs` on, plus one store deadline.
 * @throws LockTimeoutError, or StoreUnavailableError when the last try had no answer; ConflictError;
 *   the reason of `interrupt`.
 */
export async function acquireWithin(
  engine: Engine,
  wanted: Wanted,
  interrupt: Interrupt,
  startedAtMs = engine.clock.now(),
): Promise<Grant> {
  const { clock, inbox, lines } = engine
  const barges = wanted.steal || wanted.fair === false
  const waitsInLine = !inbox.supported && wanted.waitMs > 0 && !barges
  if (!waitsInLine) return tryUntil(engine, wanted, startedAtMs, interrupt)
  interrupt.throwIfTripped()
  const turn = lines.enter(wanted)
  try {
    const leftMs = wanted.waitMs - (clock.now() - startedAtMs)
    const isFirst = await turn.comes(Math.max(0, leftMs), interrupt)
    if (!isFirst && turn.heard) throw whyNot(wanted, turn.heard, clock.now() - startedAtMs)
    const grant = await tryUntil(engine, wanted, startedAtMs, interrupt, isFirst ? turn : undefined)
    turn.granted(grant.validUntilMs - clock.now())
    return grant
  } finally {
    turn.leave()
  }
}

async function tryUntil(
  engine: Engine,
  wanted: Wanted,
  startedAtMs: number,
  interrupt: Interrupt,
  turn?: Turn,
): Promise<Grant> {
  const { clock, emit, random } = engine
  const leftMs = () => wanted.waitMs - (clock.now() - startedAtMs)
  const pause = (tries: number, outcome: Busy | Error) => {
    const pauseMs =
      outcome instanceof Error
        ? backoffMs(tries, TROUBLE_BACKOFF, random)
        : Math.min(backoffMs(tries, BACKOFF, random), outcome.remainingMs + 1)
    const delayMs = Math.max(0, Math.min(pauseMs, leftMs()))
    return turn ? turn.pause(delayMs, interrupt) : sleep(clock, delayMs, interrupt)
  }
  if (turn?.isHeldHere) await pause(turn.tries, { remainingMs: Infinity })
  for (let tries = 0; ; tries++) {
    const outcome = await tryOnce(engine, wanted, leftMs(), interrupt)
    if ('token' in outcome) return outcome
    turn?.tell(outcome)
    if (leftMs() <= 0) throw whyNot(wanted, outcome, clock.now() - startedAtMs)
    if (outcome instanceof Error) emit({ type: 'store-error', name: wanted.name, error: outcome })
    else if (await opened(engine, wanted, leftMs(), interrupt)) continue
    await pause(turn?.tries ?? tries, outcome)
  }
}

/** With a place in the queue, where there is one and time to wait in it. */
async function tryOnce(
  engine: Engine,
  wanted: Wanted,
  leftMs: number,
  interrupt: Interrupt,
): Promise<Grant | Busy | Error> {
  const queued = engine.inbox.ready && leftMs > 0 && wanted.fair !== false
  try {
    return await (queued
      ? queuedAttempt(engine, wanted, leftMs, interrupt)
      : attempt(engine, wanted, interrupt))
  } catch (error) {
    // Its reason may look like trouble with the store, as that of a close does.
    interrupt.throwIfTripped()
    if (isLocksError(error) && error.code === 'STORE_UNAVAILABLE') return error
    throw error
  }
}

/**
 * Opens the inbox for a first waiter; whether it was opened just now. Nothing enqueues before the
 * pushes are known to arrive: until then, tries only.
 */
async function opened(
  engine: Engine,
  { name, fair }: Wanted,
  leftMs: number,
  interrupt: Interrupt,
): Promise<boolean> {
  const { clock, emit, inbox, leases } = engine
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
