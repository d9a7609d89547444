import { describe, expect, jest, test } from '@jest/globals'
import { ConflictError, LockTimeoutError, StoreUnavailableError } from '../../src/errors.ts'
import { createLocks } from '../../src/lock/create-locks.ts'
import { engineRoom, KEY } from '../helpers/engine-room.ts'
import { ManualClock } from '../helpers/manual-clock.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { SeededRandom } from '../helpers/seeded-random.ts'
import { fulfilled, rejectionOf, watch } from '../helpers/settling.ts'
import { type Fault, fault, StepStore } from '../helpers/step-store.ts'

expectQuietProcess()

/** When the tries were sent, in milliseconds since the clock was made. */
const triedAt = (store: StepStore, clock: ManualClock) => {
  const startMs = clock.now() - clock.elapsed
  return store.sent('acquire').map(({ sentAtMs }) => sentAtMs - startMs)
}

describe('waiting for a lock', () => {
  test('[C20] for 0 ms is exactly one try: a timeout when somebody holds it', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 60_000)
    const acquired = watch(clock, locks.acquire('n', { wait: 0 }))
    await clock.settle()
    expect(acquired.error).toBeInstanceOf(LockTimeoutError)
    expect(store.sent()).toHaveLength(1)
    await clock.advance(60_000)
    expect(store.sent()).toHaveLength(1)
  })

  test('for 0 ms is exactly one try: the lock when it is free', async () => {
    const { locks, store } = engineRoom()
    expect((await locks.acquire('n', { wait: 0 })).held).toBe(true)
    expect(store.sent()).toHaveLength(1)
  })

  test('[C18] tries again after 10 ms, then backs off by doubling up to 500 ms', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 60_000)
    watch(clock, locks.acquire('n', { wait: '3s' }))
    await clock.advance(2200)
    expect(triedAt(store, clock)).toEqual([0, 10, 30, 70, 150, 310, 630, 1130, 1630, 2130])
  })

  test('[C24] is jittered down to a half', async () => {
    const { locks, store, clock } = engineRoom({ random: new SeededRandom(1, 0) })
    store.occupy(KEY, 'other', 60_000)
    watch(clock, locks.acquire('n'))
    await clock.advance(100)
    expect(triedAt(store, clock)).toEqual([0, 5, 15, 35, 75])
  })

  test('[C13] never sleeps past the end of the lease that is in the way', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 100)
    const acquired = watch(clock, locks.acquire('n'))
    await clock.advance(101)
    expect(fulfilled(acquired).held).toBe(true)
    expect(triedAt(store, clock)).toEqual([0, 10, 30, 70, 101])
  })

  test('[C17] [C19] is clipped: the last try is at the end of the wait, and not one after it', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 60_000)
    const acquired = watch(clock, locks.acquire('n', { wait: 200 }))
    await clock.advance(199)
    expect(acquired.state).toBe('pending')
    await clock.advance(1)
    expect(acquired.error).toMatchObject({ code: 'LOCK_TIMEOUT', waitedMs: 200 })
    expect(triedAt(store, clock)).toEqual([0, 10, 30, 70, 150, 200])
    await clock.advance(60_000)
    expect(store.sent()).toHaveLength(6)
  })

  test('is 10 s by default', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 60_000)
    const acquired = watch(clock, locks.acquire('n'))
    await clock.advance(9999)
    expect(acquired.state).toBe('pending')
    await clock.advance(1)
    expect(acquired.error).toMatchObject({ code: 'LOCK_TIMEOUT' })
  })

  test('[C21] without end goes on until the lock is free', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 2 ** 31 - 1)
    const acquired = watch(clock, locks.acquire('n', { wait: Infinity }))
    await clock.advance(3_600_000)
    expect(acquired.state).toBe('pending')
    store.vacate(KEY, 'other')
    await clock.advance(500)
    expect(fulfilled(acquired).held).toBe(true)
  })

  test('[C22] ends in a timeout that names the lock and leaves its holder alone', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 60_000)
    const acquired = watch(clock, locks.acquire('n', { wait: 1000 }))
    await clock.advance(1000)
    expect(String(acquired.error)).toContain('lock n ')
    expect(String(acquired.error)).not.toMatch(/token|other/)
    expect(store.holders(KEY)).toEqual(['other'])
    expect(store.remainingMs(KEY)).toBe(59_000)
  })

  test('[C26] gives the lock to exactly one of two when it is released', async () => {
    const { locks, store, clock } = engineRoom()
    const holder = await locks.acquire('n')
    const waiters = [1, 2].map(() => watch(clock, locks.acquire('n', { wait: '5s' })))
    await clock.advance(1000)
    await holder.release()
    await clock.advance(1000)
    const states = waiters.map(({ state }) => state)
    expect(states.toSorted()).toEqual(['fulfilled', 'pending'])
    expect(store.holders(KEY)).toHaveLength(1)
  })

  test('[C25] is measured by the monotonic clock: setting the machine’s clock changes nothing', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 60_000)
    const acquired = watch(clock, locks.acquire('n', { wait: 1000 }))
    await clock.advance(500)
    clock.stepWall(3_600_000)
    await clock.advance(499)
    clock.stepWall(-7_200_000)
    expect(acquired.state).toBe('pending')
    await clock.advance(1)
    expect(acquired.error).toMatchObject({ code: 'LOCK_TIMEOUT' })
  })

  test('over a stall of the event loop ends with one last try', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 3000)
    const acquired = watch(clock, locks.acquire('n', { wait: 1000 }))
    await clock.advance(100)
    clock.block(10_000)
    await clock.settle()
    expect(fulfilled(acquired).held).toBe(true)
  })

  test('leaves no timer behind, however it ends', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 60_000)
    watch(clock, locks.acquire('n', { wait: 1000 }))
    await clock.advance(1000)
    expect(clock.armed).toEqual({ foreground: 0, background: 0 })
    store.vacate(KEY, 'other')
    await (await locks.acquire('n')).release()
    expect(clock.armed).toEqual({ foreground: 0, background: 0 })
  })

  test('with another token for each try', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 60_000)
    watch(clock, locks.acquire('n', { wait: '5s' }))
    watch(clock, locks.acquire('n', { wait: 0 }))
    await clock.advance(5000)
    const tokens = store.sent('acquire').map(({ token }) => token)
    expect(tokens.length).toBeGreaterThan(10)
    expect(new Set(tokens).size).toBe(tokens.length)
  })
})

describe('trouble with the store', () => {
  const trouble: [string, Fault][] = [
    ['rejects', fault.reject(new Error('ECONNRESET'))],
    ['rejects after it has run', fault.runThenReject(new Error('ECONNRESET'))],
    ['throws', fault.throwSync(new Error('not connected'))],
    ['loses the request', fault.dropRequest],
    ['loses the reply', fault.dropReply],
    ['refuses the command as late', fault.answer({ state: 'late', storeNowMs: 3_510_000 })],
  ]

  test.each(trouble)('is waited out like a holder: it %s', async (_what, one) => {
    const { locks, store, clock, events } = engineRoom()
    store.next(one, 'acquire')
    store.next(one, 'acquire')
    const acquired = watch(clock, locks.acquire('n', { wait: '8s' }))
    await clock.advance(8000)
    expect(fulfilled(acquired).held).toBe(true)
    const troubled = events.filter(({ type }) => type === 'store-error')
    expect(troubled).toHaveLength(2)
    expect(store.holders(KEY)).toEqual([fulfilled(acquired).token])
  })

  test.each(trouble)('that lasts ends as STORE_UNAVAILABLE: it %s', async (_what, one) => {
    const { locks, store, clock } = engineRoom()
    store.standingFault = one
    const acquired = watch(clock, locks.acquire('n', { wait: '5s' }))
    await clock.advance(7000)
    expect(acquired.error).toBeInstanceOf(StoreUnavailableError)
  })

  test('that is over is no longer the reason: somebody held the lock in the end', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 60_000)
    store.next(fault.reject(new Error('reset')))
    const acquired = watch(clock, locks.acquire('n', { wait: 1000 }))
    await clock.advance(1000)
    expect(acquired.error).toMatchObject({ code: 'LOCK_TIMEOUT' })
  })

  test('that begins at the last try is the reason', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 60_000)
    const acquired = watch(clock, locks.acquire('n', { wait: 1000 }))
    await clock.advance(999)
    store.next(fault.reject(new Error('reset')))
    await clock.advance(1)
    expect(acquired.error).toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })

  test.each([0, 1, 1000, 5000])(
    'a store that swallows everything: settled within a wait of %p ms + the store timeout',
    async (wait) => {
      const { locks, store, clock } = engineRoom({ storeTimeout: 700 })
      store.standingFault = fault.dropRequest
      const acquired = watch(clock, locks.acquire('n', { wait }))
      await clock.advance(wait)
      expect(acquired.state).toBe('pending')
      await clock.advance(700)
      expect(acquired.error).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    },
  )

  test.each([11, 12, 13, 14, 15])(
    'of any kind: settled within the wait + the store timeout (seed %p)',
    async (seed) => {
      const random = new SeededRandom(seed)
      for (let round = 0; round < 30; round++) {
        const clock = new ManualClock()
        const store = new StepStore(clock)
        const locks = createLocks(store, { clock, random, storeTimeout: 300 })
        store.requestMs = random.below(50)
        store.replyMs = random.below(50)
        if (random.below(2) === 0) store.occupy(KEY, 'other', 1 + random.below(3000))
        for (let n = 0; n < 20; n++) {
          const ms = random.below(1000)
          const any = [
            ...trouble.map(([, one]) => one),
            {},
            fault.slowReply(ms),
            fault.runLate(ms),
            fault.runLateUnseen(ms),
          ]
          store.next(random.pick<Fault>(any))
        }
        const wait = random.below(2500)
        const acquired = watch(clock, locks.acquire('n', { wait, ttl: 500 }))
        await clock.advance(wait + 300)
        expect(['fulfilled', 'rejected']).toContain(acquired.state)
      }
    },
  )

  test('without end is waited out without end', async () => {
    const { locks, store, clock } = engineRoom()
    store.standingFault = fault.reject(new Error('down'))
    const acquired = watch(clock, locks.acquire('n', { wait: Infinity }))
    await clock.advance(600_000)
    expect(acquired.state).toBe('pending')
    expect(store.sent('acquire').length).toBeLessThan(1300)
    store.standingFault = undefined
    await clock.advance(1000)
    expect(fulfilled(acquired).held).toBe(true)
  })

  test('is rejected by a single try at once', async () => {
    const { locks, store } = engineRoom()
    store.next(fault.reject(new Error('down')))
    expect(await rejectionOf(locks.tryAcquire('n'))).toBeInstanceOf(StoreUnavailableError)
  })

  test('is told apart from a contradiction, which no waiting cures', async () => {
    const { locks, store } = engineRoom()
    store.next(fault.answer({ state: 'mismatch', capacity: 3 }))
    expect(await rejectionOf(locks.acquire('n'))).toBeInstanceOf(ConflictError)
    const foreign = new ConflictError('no lease under this key')
    store.next(fault.reject(foreign), 'acquire')
    expect(await rejectionOf(locks.acquire('n'))).toBe(foreign)
    expect(store.sent('acquire')).toHaveLength(2)
  })
})

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
