import { describe, expect, jest, test } from '@jest/globals'
import { LockTimeoutError } from '../../src/errors.ts'
import type { Lock } from '../../src/lock/lock.ts'
import { engineRoom, KEY } from '../helpers/engine-room.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { fulfilled, rejectionOf, watch } from '../helpers/settling.ts'
import { fault } from '../helpers/step-store.ts'

expectQuietProcess()

const proceed = { wait: 1000, onTimeout: 'proceed' } as const

describe('a request that proceeds', () => {
  test('runs with null when its wait ends, and not before', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 60_000)
    const seen: (Lock | null)[] = []
    const requested = watch(
      clock,
      locks.request('n', proceed, (lock) => {
        seen.push(lock)
        return 'done'
      }),
    )
    await clock.advance(999)
    expect(seen).toEqual([])
    await clock.advance(1)
    expect(seen).toEqual([null])
    expect(fulfilled(requested)).toBe('done')
    expect(store.holders(KEY)).toEqual(['other'])
  })

  test('gets the lock when it is free in time, and releases it', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 500)
    const requested = watch(
      clock,
      locks.request('n', proceed, (lock) => lock?.held),
    )
    await clock.advance(1000)
    expect(fulfilled(requested)).toBe(true)
    expect(store.holders(KEY)).toEqual([])
  })

  test('gives the error of its callback', async () => {
    const { locks, store } = engineRoom()
    store.occupy(KEY, 'other', 60_000)
    const requested = locks.request('n', { ...proceed, wait: 0 }, () => Promise.reject('mine'))
    expect(await rejectionOf(requested)).toBe('mine')
  })

  test('does not take an error of its callback for the end of its wait', async () => {
    const { locks } = engineRoom()
    const callback = jest.fn(() => {
      throw new LockTimeoutError('another lock', 5)
    })
    const requested = locks.request('n', proceed, callback)
    expect(await rejectionOf(requested)).toBeInstanceOf(LockTimeoutError)
    expect(callback).toHaveBeenCalledTimes(1)
  })

  test('does not after an abort, whatever its reason', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 60_000)
    const controller = new AbortController()
    const callback = jest.fn()
    const requested = watch(
      clock,
      locks.request('n', { ...proceed, signal: controller.signal }, callback),
    )
    await clock.advance(100)
    const reason = new LockTimeoutError('the reason of another', 5)
    controller.abort(reason)
    await clock.settle()
    expect(requested.error).toBe(reason)
    expect(callback).not.toHaveBeenCalled()
  })

  test.each([
    ['is down', () => fault.reject(new Error('down')), 'STORE_UNAVAILABLE'],
    ['gives no answer', () => fault.dropRequest, 'STORE_UNAVAILABLE'],
    ['is full of foreign data', () => fault.answer({ state: 'mismatch', capacity: 3 }), 'CONFLICT'],
  ])('does not when the store %s', async (_what, standing, code) => {
    const { locks, store, clock } = engineRoom()
    store.standingFault = standing()
    const callback = jest.fn()
    const requested = watch(clock, locks.request('n', proceed, callback))
    await clock.advance(5000)
    expect(requested.error).toMatchObject({ code })
    expect(callback).not.toHaveBeenCalled()
  })

  test('does not when the locks are closed', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 60_000)
    const callback = jest.fn()
    const requested = watch(clock, locks.request('n', proceed, callback))
    await clock.advance(100)
    await locks.close()
    expect(requested.error).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(callback).not.toHaveBeenCalled()
  })

  test.each([
    ['onTimeout', { onTimeout: 'throw' }],
    ['ifAvailable', { ifAvailable: 'yes' }],
    ['reentrant', { reentrant: 1 }],
  ])('refuses a wrong %s before anything is sent', async (_what, options) => {
    const { locks, store } = engineRoom()
    const requested = locks.request('n', options as object, () => {})
    expect(await rejectionOf(requested)).toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(store.sent()).toEqual([])
  })
})

describe('a reentrant request', () => {
  const reentrant = { reentrant: true } as const

  test('runs under the lock of the request around it, without a command', async () => {
    const { locks, store } = engineRoom()
    const result = await locks.request('n', async (outer) => {
      const sent = store.sent().length
      const inner = await locks.request('n', reentrant, async (lock) => {
        expect(lock).toBe(outer)
        return locks.request('n', { ...reentrant, ifAvailable: true }, (again) => again?.fence)
      })
      expect(store.sent()).toHaveLength(sent)
      expect(outer.held).toBe(true)
      return inner === outer.fence
    })
    expect(result).toBe(true)
    expect(store.sent('acquire')).toHaveLength(1)
    expect(store.holders(KEY)).toEqual([])
  })

  test('from outside is a request like another', async () => {
    const { locks, store } = engineRoom()
    expect(await locks.request('n', reentrant, (lock) => lock.held)).toBe(true)
    expect(store.sent('release')).toHaveLength(1)
  })

  test.each([
    ['another name', 'm', {}],
    ['another mode', 'n', { mode: 'exclusive' }],
    ['permits', 'n', { permits: 2 }],
  ] as const)('for %s acquires', async (_what, name, options) => {
    const { locks, store } = engineRoom()
    const asks = locks.request('n', async () => {
      store.next(fault.answer({ state: 'held', remainingMs: 5 }), 'acquire')
      const free = { ...options, ...reentrant, ifAvailable: true } as const
      return locks.request(name, free, (lock) => lock)
    })
    const outcome = await asks.catch((error: { code: string }) => error.code)
    // A store without a queue has neither modes nor permits, and says so instead of answering.
    expect([null, 'UNSUPPORTED']).toContain(outcome)
    expect(store.sent('acquire')).toHaveLength(outcome === null ? 2 : 1)
  })

  test('under a lost lock does not run', async () => {
    const { locks, store } = engineRoom()
    const inner = jest.fn()
    const requested = locks.request('n', async (lock) => {
      store.forget(KEY)
      await lock.extend()
      await locks.request('n', reentrant, inner)
    })
    expect(await rejectionOf(requested)).toMatchObject({ code: 'LOCK_LOST', reason: 'deleted' })
    expect(inner).not.toHaveBeenCalled()
  })

  test('whose lock is lost meanwhile rejects with LOCK_LOST, with its result', async () => {
    const { locks, clock } = engineRoom({ renew: false })
    const requested = locks.request('n', async () => {
      const inner = locks.request('n', reentrant, () => {
        clock.block(60_000)
        return 'inner'
      })
      expect(await rejectionOf(inner)).toMatchObject({ code: 'LOCK_LOST', result: 'inner' })
      return 'outer'
    })
    expect(await rejectionOf(requested)).toMatchObject({ code: 'LOCK_LOST', result: 'outer' })
  })

  test('of work that outlives the request around it acquires', async () => {
    const { locks, store, clock } = engineRoom()
    let late: Promise<unknown> = Promise.resolve()
    await locks.request('n', () => {
      late = new Promise<void>((resolve) => clock.after(100, resolve)).then(() =>
        locks.request('n', reentrant, (lock) => lock.held),
      )
    })
    await clock.advance(100)
    expect(await late).toBe(true)
    expect(store.sent('acquire')).toHaveLength(2)
  })

  test('does not enter a lock of other locks', async () => {
    const { locks, store } = engineRoom()
    const others = engineRoom({ prefix: 'shop' })
    const nested = locks.request('n', () =>
      others.locks.request('n', reentrant, (lock) => lock.held),
    )
    expect(await nested).toBe(true)
    expect(others.store.sent('acquire')).toHaveLength(1)
    expect(store.sent('acquire')).toHaveLength(1)
  })
})
