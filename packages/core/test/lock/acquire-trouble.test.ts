import { describe, expect, test } from '@jest/globals'
import { ConflictError, StoreUnavailableError } from '../../src/errors.ts'
import { createLocks } from '../../src/lock/create-locks.ts'
import { engineRoom, KEY } from '../helpers/engine-room.ts'
import { ManualClock } from '../helpers/manual-clock.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { SeededRandom } from '../helpers/seeded-random.ts'
import { fulfilled, rejectionOf, watch } from '../helpers/settling.ts'
import { type Fault, fault, StepStore } from '../helpers/step-store.ts'

expectQuietProcess()

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
