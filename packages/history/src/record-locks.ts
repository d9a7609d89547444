import { isLocksError, type Lock, type Locks } from '@locks/core'
import type { Asked } from './calls.ts'
import { overlay } from './overlay.ts'
import { recordedLock } from './recorded-lock.ts'
import type { Pending, Recorder } from './recorder.ts'
import { unknownAfter } from './unknown-after.ts'

/** Options as far as a history tells them; milliseconds. What is absent is core's default. */
interface Options {
  readonly ttl?: number
  readonly grace?: number
  readonly mode?: 'exclusive' | 'shared'
  readonly permits?: number
  readonly steal?: boolean
}

type Callback = (lock: Lock | null) => unknown

const TTL_MS = 30_000
const SHARED_CAPACITY = 2 ** 31

/**
 * The locks, with what is acquired of them written down, and what becomes of it; durations must be
 * numbers. Each reading of `held` is a witness, so whoever looks often has long claims. What is adopted,
 * and sets of names, are not recorded.
 */
export function recordLocks(locks: Locks, recorder: Recorder): Locks {
  const acquireBy =
    (method: 'acquire' | 'tryAcquire') =>
    async (name: string, options: Options = {}) => {
      const call = new Acquisition(recorder, askedOf(name, options))
      const lock = await locks[method](name, options).catch((error) => call.refused(error))
      return call.settled(lock)
    }
  const request = (name: string, ...rest: readonly [Callback] | readonly [Options, Callback]) => {
    const callback = rest.at(-1) as Callback
    const options = rest.length === 2 ? rest[0] : {}
    const call = new Acquisition(recorder, askedOf(name, options))
    const running = locks.request(name, options, (lock) => callback(call.settled(lock)))
    return running.catch((error) => call.refused(error))
  }
  const recorded = { acquire: acquireBy('acquire'), tryAcquire: acquireBy('tryAcquire'), request }
  return overlay(locks, recorded)
}

function askedOf(name: string, options: Options): Asked<'acquire'> {
  const { ttl = TTL_MS, grace = Math.max(50, ttl / 20), mode, permits = 1, steal } = options
  const capacity = mode ? SHARED_CAPACITY : permits
  const units = mode === 'exclusive' ? capacity : 1
  return { lock: name, ttlMs: ttl + grace, units, capacity, ...(steal && { steals: true }) }
}

class Acquisition {
  readonly #recorder: Recorder
  readonly #asked: Asked<'acquire'>
  readonly #pending: Pending<'acquire'>

  constructor(recorder: Recorder, asked: Asked<'acquire'>) {
    this.#recorder = recorder
    this.#asked = asked
    this.#pending = recorder.begin('acquire', asked)
  }

  settled(lock: Lock | null): Lock | null {
    if (!lock) {
      this.#pending.end({ is: 'refused' })
      return null
    }
    const { token, fence } = lock
    this.#pending.end({ is: 'granted', token, ...(fence !== undefined && { fence }) })
    const tenure = { lock: this.#asked.lock, token, ttlMs: this.#asked.ttlMs }
    return recordedLock(lock, tenure, this.#recorder)
  }

  /** Of what was granted before, the error says nothing: it has ended. */
  refused(error: unknown): never {
    const isUnknown = isLocksError(error) && error.code === 'STORE_UNAVAILABLE'
    this.#pending.end(isUnknown ? unknownAfter(error) : { is: 'refused' })
    throw error
  }
}
