import { describe, expect, test } from '@jest/globals'
import { LockLostError } from '../../src/errors.ts'
import { engineRoom, KEY, VALID } from '../helpers/engine-room.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { fulfilled, rejectionOf, watch } from '../helpers/settling.ts'
import { fault } from '../helpers/step-store.ts'

expectQuietProcess()

describe('an error of the callback', () => {
  const mine = new Error('mine')

  test.each([
    ['thrown', () => Promise.reject(mine)],
    [
      'thrown at once',
      () => {
        throw mine
      },
    ],
  ])('wins, and the lock is released: %s [C63]', async (_what, callback) => {
    const { locks, store } = engineRoom()
    expect(await rejectionOf(locks.request('n', callback))).toBe(mine)
    expect(store.holders(KEY)).toEqual([])
  })

  test('may be that of an abort inside it, which comes through [C68]', async () => {
    const { locks, store } = engineRoom()
    const controller = new AbortController()
    const requested = locks.request('n', async () => {
      controller.abort()
      controller.signal.throwIfAborted()
    })
    expect(await rejectionOf(requested)).toBe(controller.signal.reason)
    expect(store.holders(KEY)).toEqual([])
  })

  test('wins also when it is undefined', async () => {
    const { locks } = engineRoom()
    expect(await rejectionOf(locks.request('n', () => Promise.reject(undefined)))).toBeUndefined()
  })

  test('wins over a loss [C65]', async () => {
    const { locks, clock } = engineRoom({ renew: false })
    const work = () => {
      clock.block(VALID)
      return Promise.reject(mine)
    }
    expect(await rejectionOf(locks.request('n', work))).toBe(mine)
  })

  test('wins over a store without an answer, which the listener is told [C65]', async () => {
    const { locks, store, clock, events } = engineRoom()
    const requested = watch(
      clock,
      locks.request('n', () => {
        store.standingFault = fault.dropRequest
        throw mine
      }),
    )
    await clock.advance(2000)
    expect(requested.error).toBe(mine)
    expect(events.at(-1)).toMatchObject({ type: 'store-error' })
  })
})

describe('a lock that is lost while the callback runs', () => {
  const result = { rows: 3 }

  test('by its own clock rejects with LOCK_LOST, with the result [C64]', async () => {
    const { locks, clock, store } = engineRoom({ renew: false })
    const requested = locks.request('n', async () => {
      clock.block(VALID)
      return result
    })
    const error = await rejectionOf(requested)
    expect(error).toBeInstanceOf(LockLostError)
    expect(error).toMatchObject({ code: 'LOCK_LOST', reason: 'expired' })
    expect((error as LockLostError).result).toBe(result)
    expect(store.sent('release')).toEqual([])
  })

  test.each(['deleted', 'stolen'])('%s rejects with LOCK_LOST, with the result', async (reason) => {
    const { locks, store } = engineRoom()
    const requested = locks.request('n', async (lock) => {
      store.forget(KEY)
      if (reason === 'stolen') store.occupy(KEY, 'thief', 60_000)
      await lock.extend()
      return result
    })
    expect(await rejectionOf(requested)).toMatchObject({ code: 'LOCK_LOST', reason, result })
  })

  test.each(['deleted', 'stolen'])('%s is found at the release at the latest', async (reason) => {
    const { locks, store } = engineRoom()
    const requested = locks.request('n', async () => {
      store.forget(KEY)
      if (reason === 'stolen') store.occupy(KEY, 'thief', 60_000)
      return result
    })
    expect(await rejectionOf(requested)).toMatchObject({ code: 'LOCK_LOST', reason, result })
    expect(store.holders(KEY)).toEqual(reason === 'stolen' ? ['thief'] : [])
  })

  test('to a dead store rejects with LOCK_LOST: unreachable', async () => {
    const { locks, store, clock } = engineRoom()
    const requested = watch(
      clock,
      locks.request('n', async (lock) => {
        store.standingFault = fault.reject(new Error('down'))
        await new Promise((resolve) => lock.signal.addEventListener('abort', resolve))
        return result
      }),
    )
    await clock.advance(VALID)
    expect(requested.error).toMatchObject({ code: 'LOCK_LOST', reason: 'unreachable', result })
  })

  test('to a close rejects with LOCK_LOST: closed', async () => {
    const { locks, clock } = engineRoom()
    const requested = watch(
      clock,
      locks.request('n', async (lock) => {
        await new Promise((resolve) => lock.signal.addEventListener('abort', resolve))
        return result
      }),
    )
    await clock.settle()
    await locks.close()
    expect(requested.error).toMatchObject({ code: 'LOCK_LOST', reason: 'closed', result })
  })

  test('is told to the callback by its signal, while it runs', async () => {
    const { locks, store, clock } = engineRoom()
    const seen: unknown[] = []
    const requested = watch(
      clock,
      locks.request('n', async (lock) => {
        lock.signal.addEventListener('abort', () => seen.push(lock.signal.reason, lock.held))
        await new Promise<void>((resolve) => clock.after(15_000, resolve))
      }),
    )
    await clock.settle()
    store.forget(KEY)
    await clock.advance(15_000)
    expect(seen).toEqual([expect.objectContaining({ reason: 'deleted' }), false])
    expect(requested.error).toMatchObject({ code: 'LOCK_LOST' })
  })
})

describe('a release without an answer', () => {
  test('keeps the result: the lock was held to the end', async () => {
    const { locks, store, clock, events } = engineRoom()
    store.next(fault.dropRequest, 'release')
    const requested = watch(
      clock,
      locks.request('n', () => 'done'),
    )
    await clock.advance(2000)
    expect(fulfilled(requested)).toBe('done')
    expect(events.at(-1)).toMatchObject({ type: 'store-error', name: 'n' })
    await clock.advance(100)
    expect(store.holders(KEY)).toEqual([])
  })
})
