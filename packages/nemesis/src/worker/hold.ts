import type { AcquireOptions, Lock, Locks } from '@locks/core'
import { codeOf } from './failure.ts'
import { Stay } from './stay.ts'
import type { Worker } from './worker.ts'

/** What is wanted: the library's options, and how they look on record. */
export interface Wish {
  readonly lock: string
  readonly options?: AcquireOptions
  readonly units?: number
  readonly capacity?: number
  /** How long it is meant to be held. */
  readonly forMs: number
  /** Instead of those of the worker. */
  readonly locks?: Locks | undefined
}

/** Asks for a lock; `undefined` = it was refused, or nobody knows. */
export async function hold(worker: Worker, wish: Wish): Promise<Stay | undefined> {
  const { lock, options = {}, units = 1, capacity = 1, forMs, locks = worker.locks } = wish
  const { ttlMs, recorder } = worker
  const manner = {
    ...(options.steal && { steals: true }),
    ...(options.fair === 'process' && { inTurns: true }),
  }
  const asked = recorder.begin('acquire', { lock, ttlMs, units, capacity, ...manner })
  let handle: Lock | null
  try {
    handle =
      options.wait === 0
        ? await locks.tryAcquire(lock, options)
        : await locks.acquire(lock, options)
  } catch (error) {
    const code = codeOf(error, worker)
    asked.end(code === 'LOCK_TIMEOUT' ? { is: 'refused' } : { is: 'unknown', code })
    return undefined
  }
  if (!handle) {
    asked.end({ is: 'refused' })
    return undefined
  }
  const { fence } = handle
  const token = worker.unique()
  const ordered = fence !== undefined && capacity === 1 ? { fence } : {}
  asked.end({ is: 'granted', token, ...ordered })
  return new Stay(worker, { lock, token }, handle, forMs)
}
