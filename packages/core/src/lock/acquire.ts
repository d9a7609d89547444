import { backoffMs } from '../backoff.ts'
import { isLocksError, LockTimeoutError } from '../errors.ts'
import type { Interrupt } from '../interrupt.ts'
import { sleep } from '../sleep.ts'
import { attempt, type Busy, type Wanted } from './attempt.ts'
import type { Engine } from './engine.ts'
import type { Grant } from './held-lock.ts'

const BACKOFF = { firstMs: 10, maxMs: 500 }

/**
 * Tries until it is granted or the wait is over: a jittered back-off, never past the end of the lease
 * that is in the way. Trouble with the store is waited out like a holder. Settles within the wait plus
 * one store deadline.
 * @throws LockTimeoutError, or StoreUnavailableError when the last try had no answer; ConflictError;
 *   the reason of `interrupt`.
 */
export async function acquireWithin(
  engine: Engine,
  wanted: Wanted,
  interrupt: Interrupt,
): Promise<Grant> {
  const startedAtMs = engine.clock.now()
  for (let tries = 0; ; tries++) {
    const outcome = await attempt(engine, wanted, interrupt).catch(unlessUnavailable)
    if ('token' in outcome) return outcome
    // Its reason may look like trouble with the store, as that of a close does.
    interrupt.throwIfTripped()

    const waitedMs = engine.clock.now() - startedAtMs
    const leftMs = wanted.waitMs - waitedMs
    if (leftMs <= 0) {
      if (outcome instanceof Error) throw outcome
      const seconds = (waitedMs / 1000).toFixed(3)
      throw new LockTimeoutError(`lock ${wanted.name} was held for all of ${seconds} s`, waitedMs)
    }
    if (outcome instanceof Error) {
      engine.emit({ type: 'store-error', name: wanted.name, error: outcome })
    }
    const pauseMs = backoffMs(tries, BACKOFF, engine.random)
    const holderMs = outcome instanceof Error ? Infinity : outcome.remainingMs + 1
    await sleep(engine.clock, Math.min(pauseMs, holderMs, leftMs), interrupt)
  }
}

function unlessUnavailable(error: unknown): Busy | Error {
  if (isLocksError(error) && error.code === 'STORE_UNAVAILABLE') return error
  throw error
}
