import { backoffMs } from '../backoff.ts'
import { withDeadline } from '../deadline.ts'
import { isLocksError, LockTimeoutError } from '../errors.ts'
import type { Interrupt } from '../interrupt.ts'
import { sleep } from '../sleep.ts'
import { attempt, type Busy, type Wanted } from './attempt.ts'
import type { Engine } from './engine.ts'
import type { Grant } from './grant.ts'
import { queuedAttempt } from './queued-attempt.ts'

const BACKOFF = { firstMs: 10, maxMs: 500 }
/** Slower: each try without an answer leaves something to undo. */
const TROUBLE_BACKOFF = { firstMs: 20, maxMs: 2000 }

/**
 * Tries until it is granted or the wait is over. Where the store queues, one try is the whole wait and
 * ends by a push. Else, and while the store gives no answer, it is a jittered back-off, never past the
 * end of the lease in the way. Settles within the wait plus one store deadline.
 * @throws LockTimeoutError, or StoreUnavailableError when the last try had no answer; ConflictError;
 *   the reason of `interrupt`.
 */
export async function acquireWithin(
  engine: Engine,
  wanted: Wanted,
  interrupt: Interrupt,
): Promise<Grant> {
  const { clock, emit, random } = engine
  const startedAtMs = clock.now()
  const leftMs = () => wanted.waitMs - (clock.now() - startedAtMs)
  for (let tries = 0; ; tries++) {
    const outcome = await tryOnce(engine, wanted, leftMs(), interrupt)
    if ('token' in outcome) return outcome
    if (leftMs() <= 0) throw whyNot(wanted, outcome, clock.now() - startedAtMs)
    if (outcome instanceof Error) emit({ type: 'store-error', name: wanted.name, error: outcome })
    else if (await opened(engine, wanted, leftMs(), interrupt)) continue
    const pauseMs =
      outcome instanceof Error
        ? backoffMs(tries, TROUBLE_BACKOFF, random)
        : Math.min(backoffMs(tries, BACKOFF, random), outcome.remainingMs + 1)
    await sleep(clock, Math.max(0, Math.min(pauseMs, leftMs())), interrupt)
  }
}

/** With a place in the queue, where there is one and time to wait in it. */
async function tryOnce(
  engine: Engine,
  wanted: Wanted,
  leftMs: number,
  interrupt: Interrupt,
): Promise<Grant | Busy | Error> {
  const queued = engine.inbox.ready && leftMs > 0
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
  { name }: Wanted,
  leftMs: number,
  interrupt: Interrupt,
): Promise<boolean> {
  const { clock, emit, inbox, leases } = engine
  if (!inbox.supported || inbox.ready) return false
  try {
    await withDeadline(clock, Math.min(leases.deadlineMs, leftMs), inbox.open(), interrupt)
    return true
  } catch (error) {
    interrupt.throwIfTripped()
    emit({ type: 'store-error', name, error: error as Error })
    return false
  }
}

function whyNot({ name, onSelfWait }: Wanted, outcome: Busy | Error, waitedMs: number): Error {
  if (outcome instanceof Error) return outcome
  const seconds = (waitedMs / 1000).toFixed(3)
  const who = onSelfWait ? ' by the very caller that asked for it again' : ''
  return new LockTimeoutError(`lock ${name} was held${who} for all of ${seconds} s`, waitedMs)
}
