import { LockLostError } from '../errors.ts'
import type { Engine } from './engine.ts'
import type { HeldLock } from './held-lock.ts'

/** Typed for any handle here; the overloads of `request` say which one the caller gets. */
export type RequestCallback = (lock: never) => PromiseLike<never> | never

/**
 * Runs `callback` under `lock` and releases it. The callback's own error wins over everything.
 * @throws LockLostError, with what the callback returned, if the lease broke before the release.
 */
export async function holdDuring(
  engine: Engine,
  lock: HeldLock,
  callback: RequestCallback,
): Promise<never> {
  let result: never
  try {
    result = await callback(lock as never)
  } catch (error) {
    await lock[Symbol.asyncDispose]()
    throw error
  }
  // Held to the end by our own clock, so the work stands even if the release gets no answer now.
  const intact = await lock.release().catch((error: Error) => {
    engine.emit({ type: 'store-error', name: lock.name, error })
    return true
  })
  // Not aborted = the callback itself has released it.
  if (intact || !lock.signal.aborted) return result
  const { reason } = lock.signal.reason as LockLostError
  throw new LockLostError(`lock ${lock.name} was lost while in use: ${reason}`, reason, result)
}
