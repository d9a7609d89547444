import { describe, expect, jest, test } from '@jest/globals'
import { StoreUnavailableError } from '../../src/errors.ts'
import { engineRoom, KEY } from '../helpers/engine-room.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { rejectionOf, watch } from '../helpers/settling.ts'
import { fault } from '../helpers/step-store.ts'

expectQuietProcess()

describe('an abort signal', () => {
  const methods = ['acquire', 'tryAcquire'] as const

  test.each(methods)(
    'that has aborted ends %s with its reason before anything is sent',
    async (m) => {
      const { locks, store, clock } = engineRoom()
      const acquired = watch(clock, locks[m]('n', { signal: AbortSignal.abort('enough') }))
      await clock.settle()
      expect(acquired).toMatchObject({ state: 'rejected', error: 'enough' })
      expect(store.sent()).toEqual([])
    },
  )

  test('that has aborted ends a request the same way, also one that would not wait', async () => {
    const { locks, store } = engineRoom()
    const signal = AbortSignal.abort('enough')
    const callback = jest.fn<() => string>()
    expect(await rejectionOf(locks.request('n', { signal }, callback))).toBe('enough')
    const ifAvailable = true
    expect(await rejectionOf(locks.request('n', { signal, ifAvailable }, callback))).toBe('enough')
    expect(callback).not.toHaveBeenCalled()
    expect(store.sent()).toEqual([])
  })

  test('ends a sleeping waiter at once, with its reason', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 60_000)
    const controller = new AbortController()
    const acquired = watch(clock, locks.acquire('n', { signal: controller.signal, wait: '1m' }))
    await clock.advance(700)
    controller.abort()
    await clock.settle()
    expect(acquired.error).toMatchObject({ name: 'AbortError' })
    expect(clock.armed).toEqual({ foreground: 0, background: 0 })
    const sent = store.sent().length
    await clock.advance(60_000)
    expect(store.sent()).toHaveLength(sent)
  })

  test.each(methods)(
    '[C29] ends %s at once during a store call, and undoes that',
    async (method) => {
      const { locks, store, clock } = engineRoom()
      store.next(fault.slowReply(1000), 'acquire')
      const controller = new AbortController()
      const acquired = watch(clock, locks[method]('n', { signal: controller.signal }))
      await clock.advance(100)
      expect(store.holders(KEY)).toHaveLength(1)
      controller.abort('enough')
      await clock.settle()
      expect(acquired).toMatchObject({ state: 'rejected', error: 'enough' })
      expect(store.holders(KEY)).toEqual([])
    },
  )

  test.each([0, 1, 2, 3, 4, 5, 6, 7, 8])(
    'ends a waiter at once, also %p promise jobs after a try was answered',
    async (jobs) => {
      const { locks, store, clock } = engineRoom()
      store.occupy(KEY, 'other', 60_000)
      const controller = new AbortController()
      const acquire = store.acquire.bind(store)
      store.acquire = async (request) => {
        const reply = await acquire(request)
        let answered = Promise.resolve()
        for (let job = 0; job < jobs; job++) answered = answered.then(() => {})
        void answered.then(() => controller.abort('enough'))
        return reply
      }
      const acquired = watch(clock, locks.acquire('n', { signal: controller.signal }))
      await clock.settle()
      expect(acquired).toMatchObject({ state: 'rejected', error: 'enough' })
    },
  )

  test('ends a waiter whatever its reason is: no reason is mistaken for trouble', async () => {
    const { locks, store, clock, events } = engineRoom()
    store.standingFault = fault.dropRequest
    const controller = new AbortController()
    const acquired = watch(clock, locks.acquire('n', { signal: controller.signal }))
    await clock.advance(100)
    const reason = new StoreUnavailableError('another store is down')
    controller.abort(reason)
    await clock.settle()
    expect(acquired).toMatchObject({ state: 'rejected', error: reason })
    expect(events).toEqual([])
  })

  test('that aborts later does not end the lock', async () => {
    const { locks, store, clock } = engineRoom()
    const controller = new AbortController()
    const lock = await locks.acquire('n', { signal: controller.signal })
    controller.abort()
    await clock.advance(100_000)
    expect(lock.held).toBe(true)
    expect(lock.signal.aborted).toBe(false)
    expect(store.holders(KEY)).toEqual([lock.token])
  })

  test('serves 1 000 waiters with one listener and no warning', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 60_000)
    const controller = new AbortController()
    const { signal } = controller
    const added = jest.spyOn(signal, 'addEventListener')
    const waiters = Array.from({ length: 1000 }, () => watch(clock, locks.acquire('n', { signal })))
    await clock.settle()
    expect(added).toHaveBeenCalledTimes(1)
    controller.abort('enough')
    await clock.settle()
    for (const waiter of waiters) expect(waiter.error).toBe('enough')
    expect(clock.armed.foreground).toBe(0)
  })
})
