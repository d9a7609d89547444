import { isLocksError, optimistic } from '@locks/core'
import { OPTIMISTIC } from '../lock-names.ts'
import { codeOf } from './failure.ts'
import type { Worker } from './worker.ts'

/** A number that is set only by who has seen the last one: without a lock, none is lost. */
export async function useCounter(worker: Worker): Promise<void> {
  const { chance, recorder, store } = worker
  const name = chance.pick(['hits', 'visits'])
  const counter = `${OPTIMISTIC}${name}`
  const reading = recorder.begin('read-counter', { counter })
  const value = await optimistic<number>(store, name, { storeTimeout: '1s' }).catch((error) => {
    reading.end({ is: 'unknown', code: codeOf(error, worker) })
    return undefined
  })
  if (!value) return
  const base = value.value ?? 0
  reading.end({ is: 'seen', value: base })
  const writing = recorder.begin('write-counter', { counter, value: base + 1 })
  try {
    await value.cas(base + 1)
    writing.end({ is: 'written' })
  } catch (error) {
    const isRefused = isLocksError(error) && error.code === 'CONFLICT'
    writing.end(isRefused ? { is: 'rejected' } : { is: 'unknown', code: codeOf(error, worker) })
  }
}
