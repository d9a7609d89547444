import { isLocksError } from '../errors.ts'
import type { Name } from '../key.ts'
import type { Acquisitions } from './acquisitions.ts'
import type { Wanted } from './attempt.ts'
import type { Engine } from './engine.ts'
import type { HeldLock } from './held-lock.ts'
import { holdDuring, type RequestCallback, underLock } from './hold-during.ts'
import { checkRequestOptions, type RequestOptions } from './request-options.ts'

/** Acquires, runs `callback` under the lock, and releases; as `Locks.request` promises. */
export async function requestLock(
  engine: Engine,
  acquisitions: Acquisitions,
  name: Name,
  options: RequestOptions,
  callback: RequestCallback,
): Promise<never> {
  checkRequestOptions(options)
  const { ifAvailable = false, reentrant = false, onTimeout, ...acquireOptions } = options
  const wanted = acquisitions.wanted(name, acquireOptions)
  const outer = reentrant ? engine.context.reentered(wanted) : undefined
  if (outer) return underLock(outer, () => callback(outer as never))

  const lock = await (ifAvailable
    ? acquisitions.tryAcquire(wanted)
    : acquireOrProceed(acquisitions, wanted, onTimeout === 'proceed'))
  if (!lock) return callback(null as never)
  return holdDuring(engine, lock, () =>
    engine.context.run([{ lock, wanted }], () => callback(lock as never)),
  )
}

/** `null` = the wait is over, and the caller goes on without. */
async function acquireOrProceed(
  acquisitions: Acquisitions,
  wanted: Wanted,
  proceeds: boolean,
): Promise<HeldLock | null> {
  try {
    return await acquisitions.acquire(wanted)
  } catch (error) {
    // An abort rejects with a reason of the caller's choice: it may look like the end of the wait.
    const timedOut = isLocksError(error) && error.code === 'LOCK_TIMEOUT'
    if (proceeds && timedOut && !wanted.signal?.aborted) return null
    throw error
  }
}
