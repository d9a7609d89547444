import { LockLostError } from '../errors.ts'
import type { Engine } from './engine.ts'
import type { Lock } from './lock.ts'

/** Typed for any handle here; the overloads of `request` say which one the caller gets. */
export type RequestCallback = (lock: never) => PromiseLike<never> | never

/** What work runs under: one lock, or several. */
export type Guard = Pick<Lock, 'name' | 'held' | 'signal' | 'assertHeld' | 'release'> &
  AsyncDisposable

type Work = () => PromiseLike<never> | never

/**
 * Runs `work` under `lock` and releases it. The error of the work wins over everything.
 * @throws LockLostError, with what the work returned, if the lease broke before the release.
 */
export async function holdDuring(engine: Engine, lock: Guard, work: Work): Promise<never> {
  let result: never
  try {
    result = await work()
  } catch (error) {
    await lock[Symbol.asyncDispose]()
    throw error
  }
  // Held to the end by our own clock, so the work stands even if the release gets no answer now.
  const intact = await lock.release().catch((error: Error) => {
    engine.emit({ type: 'store-error', name: lock.name, error })
    return true
  })
  return intact ? result : unlessLost(lock, result)
}

/**
 * Runs `work` under a lock that somebody else releases.
 * @throws LockLostError, before the work, or with what it returned, if the lease broke.
 */
export async function underLock(lock: Guard, work: Work): Promise<never> {
  lock.assertHeld()
  const result = await work()
  return lock.held ? result : unlessLost(lock, result)
}

function unlessLost(lock: Guard, result: never): never {
  // Not aborted = the work itself has released it.
  if (!lock.signal.aborted) return result
  const { reason } = lock.signal.reason as LockLostError
  throw new LockLostError(`lock ${lock.name} was lost while in use: ${reason}`, reason, result)
}
