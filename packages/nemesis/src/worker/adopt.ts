import type { LockGrant } from '@locks/core'
import { CONFIRMED } from '../lock-names.ts'
import { codeOf } from './failure.ts'
import { Stay } from './stay.ts'
import { useResource } from './use-resource.ts'
import type { Worker } from './worker.ts'

/** A lock that somebody else has held until now. */
export async function adopt(worker: Worker, lock: string, grant: LockGrant): Promise<void> {
  const { recorder, ttlMs } = worker
  const isConfirmed = CONFIRMED.some((one) => one === lock)
  const locks = (isConfirmed && worker.confirmed) || worker.locks
  const asked = recorder.begin('acquire', { lock, ttlMs })
  try {
    const handle = await locks.adopt(grant)
    const token = worker.unique()
    asked.end({ is: 'granted', token })
    const stay = new Stay(worker, { lock, token }, handle, 50)
    await useResource(worker, stay, 50)
    await stay.release()
  } catch (error) {
    asked.end({ is: 'unknown', code: codeOf(error, worker) })
  }
}
