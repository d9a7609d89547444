import { describe, expect, jest, test } from '@jest/globals'
import { LockLostError, LockTimeoutError, StoreUnavailableError } from '../../src/errors.ts'
import type { Lock } from '../../src/lock/lock.ts'
import { engineRoom, KEY, VALID } from '../helpers/engine-room.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { fulfilled, rejectionOf, watch } from '../helpers/settling.ts'
import { fault } from '../helpers/step-store.ts'

expectQuietProcess()

describe('a request', () => {
  test('runs its callback under the lock, gives its result and releases [C61]', async () => {
    const { locks, store } = engineRoom()
    const result = await locks.request('n', async (lock) => {
      expect(lock.held).toBe(true)
      expect(store.holders(KEY)).toEqual([lock.token])
      return 'done'
    })
    expect(result).toBe('done')
    expect(store.sent().map(({ command }) => command)).toEqual(['acquire', 'release'])
    expect(store.holders(KEY)).toEqual([])
  })

  test.each([
    ['a plain value', () => 'done'],
    ['a promise', async () => 'done'],
    // biome-ignore lint/suspicious/noThenProperty: the case
    ['a thenable', () => ({ then: (resolve: (value: string) => void) => resolve('done') })],
  ])('takes a callback that returns %s', async (_what, callback) => {
    const { locks } = engineRoom()
    expect(await locks.request('n', callback as () => string)).toBe('done')
    expect(await locks.request('n', {}, callback as () => string)).toBe('done')
  })

  test('passes its options on', async () => {
    const { locks, store } = engineRoom()
    await locks.request('n', { ttl: '1m', grace: '5s' }, () => {})
    expect(store.sent('acquire')[0]?.ttlMs).toBe(65_000)
    store.occupy(KEY, 'other', 60_000)
    const callback = jest.fn()
    const refused = rejectionOf(locks.request('n', { wait: 0 }, callback))
    expect(await refused).toBeInstanceOf(LockTimeoutError)
    expect(callback).not.toHaveBeenCalled()
  })

  test('renews the lock while the callback runs, and not after', async () => {
    const { locks, store, clock } = engineRoom()
    const work = () => new Promise<string>((resolve) => clock.after(300_000, () => resolve('done')))
    const requested = watch(clock, locks.request('n', work))
    await clock.advance(300_000)
    expect(fulfilled(requested)).toBe('done')
    const sent = store.sent().length
    expect(sent).toBeGreaterThan(25)
    await clock.advance(300_000)
    expect(store.sent()).toHaveLength(sent)
  })

  test('[C4] [C28] excludes another request for the same name, in turn', async () => {
    const { locks, clock } = engineRoom()
    const order: string[] = []
    const turn = (who: string) =>
      locks.request('n', async () => {
        order.push(`${who} in`)
        await new Promise<void>((resolve) => clock.after(100, resolve))
        order.push(`${who} out`)
      })
    watch(clock, turn('a'))
    watch(clock, turn('b'))
    watch(clock, turn('c'))
    await clock.advance(3000)
    const turns = order.map((step) => step.split(' ')[1])
    expect(turns).toEqual(['in', 'out', 'in', 'out', 'in', 'out'])
    expect(order[0]?.[0]).toBe(order[1]?.[0])
    expect(order[2]?.[0]).toBe(order[3]?.[0])
  })

  test('for other names may be nested', async () => {
    const { locks } = engineRoom()
    const nested = locks.request('a', () =>
      locks.request('b', () => locks.request('c', () => 'in')),
    )
    expect(await nested).toBe('in')
  })

  test('takes an early release by its callback for what it is: no loss', async () => {
    const { locks, store } = engineRoom()
    const result = await locks.request('n', async (lock) => {
      await lock.release()
      return 'done'
    })
    expect(result).toBe('done')
    expect(store.sent('release')).toHaveLength(1)
  })

  test('takes a callback that disposes of its lock, as `await using` does', async () => {
    const { locks } = engineRoom()
    const result = await locks.request('n', async (lock) => {
      await lock[Symbol.asyncDispose]()
      return 'done'
    })
    expect(result).toBe('done')
  })
})

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

describe('a request that would not wait', () => {
  test('gets null when somebody holds the lock, with exactly one try', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 60_000)
    const seen: (Lock | null)[] = []
    const requested = locks.request('n', { ifAvailable: true }, (lock) => {
      seen.push(lock)
      return 'done'
    })
    expect(await requested).toBe('done')
    expect(seen).toEqual([null])
    await clock.advance(60_000)
    expect(store.sent()).toHaveLength(1)
  })

  test('gets the lock when it is free', async () => {
    const { locks, store } = engineRoom()
    const held = await locks.request('n', { ifAvailable: true }, async (lock) => lock?.held)
    expect(held).toBe(true)
    expect(store.holders(KEY)).toEqual([])
  })

  test('gives the error of its callback, with and without the lock', async () => {
    const { locks, store } = engineRoom()
    const fails = () => Promise.reject(new Error('mine'))
    const ifAvailable = true
    await expect(locks.request('n', { ifAvailable }, fails)).rejects.toThrow('mine')
    store.occupy(KEY, 'other', 60_000)
    await expect(locks.request('n', { ifAvailable }, fails)).rejects.toThrow('mine')
  })

  test('does not take a broken store for a held lock: the callback does not run [C62]', async () => {
    const { locks, store } = engineRoom()
    store.next(fault.reject(new Error('down')))
    const callback = jest.fn()
    const requested = locks.request('n', { ifAvailable: true }, callback)
    expect(await rejectionOf(requested)).toBeInstanceOf(StoreUnavailableError)
    expect(callback).not.toHaveBeenCalled()
  })

  test('waits like another when it says so', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 1000)
    const requested = watch(
      clock,
      locks.request('n', { ifAvailable: false }, (lock) => lock.held),
    )
    await clock.advance(1001)
    expect(fulfilled(requested)).toBe(true)
  })
})
