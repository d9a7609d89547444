import { describe, expect, jest, test } from '@jest/globals'
import { StoreUnavailableError } from '../../src/errors.ts'
import { createLocks } from '../../src/lock/create-locks.ts'
import { engineRoom, KEY, lossOf } from '../helpers/engine-room.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { fulfilled, rejectionOf, watch } from '../helpers/settling.ts'
import { fault } from '../helpers/step-store.ts'

expectQuietProcess()

describe('close', () => {
  test('refuses every acquisition from then on, without a command', async () => {
    const { locks, store } = engineRoom()
    await locks.close()
    const callback = jest.fn()
    const refused = [
      locks.acquire('n'),
      locks.tryAcquire('n'),
      locks.request('n', callback),
      locks.request('n', { ifAvailable: true }, callback),
    ]
    for (const call of refused) {
      expect(await rejectionOf(call)).toBeInstanceOf(StoreUnavailableError)
    }
    expect(callback).not.toHaveBeenCalled()
    expect(store.sent()).toEqual([])
  })

  test('refuses already while it is closing', async () => {
    const { locks, store } = engineRoom()
    const closed = locks.close()
    expect(await rejectionOf(locks.acquire('n'))).toBeInstanceOf(StoreUnavailableError)
    await closed
    expect(store.sent()).toEqual([])
  })

  test('still says what is wrong with bad input', async () => {
    const { locks } = engineRoom()
    await locks.close()
    expect(await rejectionOf(locks.acquire(''))).toMatchObject({ code: 'INVALID_ARGUMENT' })
  })

  test('ends those who wait, at once', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 60_000)
    const waiters = [1, 2, 3].map(() => watch(clock, locks.acquire('n', { wait: Infinity })))
    await clock.advance(5000)
    const closed = watch(clock, locks.close())
    await clock.settle()
    for (const { error } of waiters) expect(error).toBeInstanceOf(StoreUnavailableError)
    expect(closed.state).toBe('fulfilled')
    expect(clock.armed).toEqual({ foreground: 0, background: 0 })
  })

  test('ends at once also those whose try is under way, and undoes that', async () => {
    const { locks, store, clock, events } = engineRoom()
    store.next(fault.slowReply(1500), 'acquire')
    const acquired = watch(clock, locks.acquire('n'))
    await clock.advance(100)
    const closed = watch(clock, locks.close())
    await clock.settle()
    expect(acquired.error).toBeInstanceOf(StoreUnavailableError)
    expect(String(acquired.error)).toContain('closed')
    expect(store.holders(KEY)).toEqual([])
    expect(closed.state).toBe('fulfilled')
    expect(events).toEqual([])
  })

  test('ends a single try that is under way, and undoes that', async () => {
    const { locks, store, clock } = engineRoom()
    store.next(fault.slowReply(1500), 'acquire')
    const acquired = watch(clock, locks.tryAcquire('n'))
    await clock.advance(100)
    watch(clock, locks.close())
    await clock.settle()
    expect(acquired.error).toBeInstanceOf(StoreUnavailableError)
    expect(store.holders(KEY)).toEqual([])
  })

  test.each([0, 1, 2, 3, 4, 5, 6])(
    'leaves nobody a lock that was granted %p promise jobs before',
    async (jobs) => {
      const { locks, store, clock } = engineRoom()
      const acquire = store.acquire.bind(store)
      store.acquire = async (request) => {
        const reply = await acquire(request)
        let answered = Promise.resolve()
        for (let job = 0; job < jobs; job++) answered = answered.then(() => {})
        void answered.then(() => locks.close())
        return reply
      }
      const acquired = watch(clock, locks.acquire('n'))
      await clock.settle()
      expect(store.holders(KEY)).toEqual([])
      if (acquired.state === 'fulfilled') expect(acquired.value?.held).toBe(false)
      else expect(acquired.error).toBeInstanceOf(StoreUnavailableError)
    },
  )

  test('aborts what is held with the reason "closed", and releases it', async () => {
    const { locks, store, clock } = engineRoom()
    const held = [await locks.acquire('n'), await locks.acquire('m')]
    const signals = held.map(({ signal }) => signal)
    await locks.close()
    for (const signal of signals) expect(signal.reason).toMatchObject({ reason: 'closed' })
    for (const lock of held) {
      expect(lock.held).toBe(false)
      expect(await lock.release()).toBe(false)
    }
    expect(store.holders(KEY)).toEqual([])
    expect(store.holders('locks:l1:{m}')).toEqual([])
    expect(clock.armed).toEqual({ foreground: 0, background: 0 })
  })

  test('is over only when the locks are released', async () => {
    const { locks, store, clock } = engineRoom()
    await locks.acquire('n')
    store.next(fault.runLate(500), 'release')
    const closed = watch(clock, locks.close())
    await clock.advance(499)
    expect(closed.state).toBe('pending')
    expect(store.closeCount).toBe(0)
    await clock.advance(1)
    expect(closed.state).toBe('fulfilled')
    expect(store.holders(KEY)).toEqual([])
  })

  test('waits for a release that is under way before it closes the store', async () => {
    const { locks, store, clock } = engineRoom()
    const lock = await locks.acquire('n')
    store.next(fault.runLate(500), 'release')
    const released = watch(clock, lock.release())
    const closed = watch(clock, locks.close())
    await clock.advance(499)
    expect(store.closeCount).toBe(0)
    await clock.advance(1)
    expect(fulfilled(released)).toBe(true)
    expect(closed.state).toBe('fulfilled')
  })

  test('releases, leaves the store open, and is the same however often it is called', async () => {
    const { locks, store } = engineRoom()
    await locks.acquire('n')
    expect(locks.close()).toBe(locks.close())
    await Promise.all([locks.close(), locks[Symbol.asyncDispose]()])
    await locks.close()
    expect(store.closeCount).toBe(0)
    expect(store.holders(KEY)).toEqual([])
    expect(store.sent('release')).toHaveLength(1)
  })

  test('of a store that swallows everything takes one store timeout', async () => {
    const { locks, store, clock } = engineRoom()
    const lock = await locks.acquire('n')
    store.standingFault = fault.dropRequest
    const waiter = watch(clock, locks.acquire('m', { wait: Infinity }))
    await clock.advance(700)
    const closed = watch(clock, locks.close())
    await clock.settle()
    expect(waiter.error).toBeInstanceOf(StoreUnavailableError)
    expect(lossOf(lock)).toBe('closed')
    await clock.advance(2000)
    expect(closed.state).toBe('fulfilled')
  })

  test('leaves the locks of another instance alone', async () => {
    const { locks, store, clock } = engineRoom()
    const others = createLocks(store, { clock })
    const lock = await others.acquire('n')
    await locks.close()
    expect(lock.held).toBe(true)
    expect(await lock.extend()).toBe(true)
  })
})
