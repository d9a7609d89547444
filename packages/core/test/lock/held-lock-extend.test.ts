import { describe, expect, test } from '@jest/globals'
import { StoreUnavailableError } from '../../src/errors.ts'
import { engineRoom, GRACE, KEY, lossOf, TTL, VALID } from '../helpers/engine-room.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { fulfilled, watch } from '../helpers/settling.ts'
import { type Fault, fault } from '../helpers/step-store.ts'
import { lockRoom } from './lock-room.ts'

expectQuietProcess()

describe('extend', () => {
  test('moves the end to the lock’s own ttl from now [C49]', async () => {
    const { lock, clock, store } = await lockRoom()
    await clock.advance(20_000)
    expect(await lock.extend()).toBe(true)
    expect(lock.remaining).toBe(VALID)
    expect(store.remainingMs(KEY)).toBe(TTL + GRACE)
    await clock.advance(VALID - 1)
    expect(lock.held).toBe(true)
    await clock.advance(1)
    expect(lock.held).toBe(false)
  })

  test('moves it further [C54]', async () => {
    const { lock, clock, store } = await lockRoom()
    expect(await lock.extend('10m')).toBe(true)
    expect(lock.remaining).toBe(600_000 - 6015 - 2)
    expect(store.remainingMs(KEY)).toBe(600_000 + GRACE)
    await clock.advance(590_000)
    expect(lock.held).toBe(true)
  })

  test('moves it nearer [C48]', async () => {
    const { lock, clock, store } = await lockRoom()
    expect(await lock.extend('5s')).toBe(true)
    expect(lock.remaining).toBe(5000 - 65 - 2)
    expect(store.remainingMs(KEY)).toBe(5000 + GRACE)
    await clock.advance(4933)
    expect(lock.held).toBe(false)
    expect(lossOf(lock)).toBe('expired')
  })

  test('by so much more than is left makes the lease longer by it [C47]', async () => {
    const { lock } = await lockRoom()
    await lock.extend('10s')
    const left = Math.round(lock.remaining)
    expect(await lock.extend(left + 10_000)).toBe(true)
    expect(lock.remaining).toBeGreaterThan(left + 9500)
    expect(lock.remaining).toBeLessThanOrEqual(left + 10_000)
  })

  test('without a ttl takes the one of the acquisition, never a default [C50]', async () => {
    const { locks, store, clock } = engineRoom()
    const lock = await locks.acquire('n', { ttl: '7s', renew: false })
    await lock.extend('1m')
    await clock.advance(1000)
    await lock.extend()
    expect(store.remainingMs(KEY)).toBe(7000 + 350)
  })

  test('counts from the sending', async () => {
    const { lock, clock, store } = await lockRoom()
    store.next(fault.slowReply(500))
    const extended = watch(clock, lock.extend())
    await clock.advance(500)
    expect(fulfilled(extended)).toBe(true)
    expect(lock.remaining).toBe(VALID - 500)
  })

  test('keeps the fence and the token', async () => {
    const { lock } = await lockRoom()
    const { fence, token } = lock
    await lock.extend()
    expect(lock).toMatchObject({ fence, token })
  })

  test('of a lock that the store has lost is false, and says so: deleted [C55]', async () => {
    const { lock, store } = await lockRoom()
    store.forget(KEY)
    expect(await lock.extend()).toBe(false)
    expect(lock.held).toBe(false)
    expect(lossOf(lock)).toBe('deleted')
    expect(store.holders(KEY)).toEqual([])
  })

  test('of a lock that somebody else has is false, and says so: stolen [C53]', async () => {
    const { lock, store } = await lockRoom()
    store.forget(KEY)
    store.occupy(KEY, 'thief', 60_000)
    expect(await lock.extend()).toBe(false)
    expect(lossOf(lock)).toBe('stolen')
    expect(store.remainingMs(KEY)).toBe(60_000)
  })

  test('of a lost lock is false without asking the store', async () => {
    const { lock, clock, store } = await lockRoom()
    await clock.advance(VALID)
    expect(await lock.extend()).toBe(false)
    expect(store.sent('extend')).toEqual([])
  })

  test('of a released lock is false without asking the store [C51]', async () => {
    const { lock, store } = await lockRoom()
    await lock.release()
    expect(await lock.extend()).toBe(false)
    expect(store.sent('extend')).toEqual([])
  })

  const unanswered: [string, Fault][] = [
    ['its request is lost', fault.dropRequest],
    ['its reply is lost', fault.dropReply],
    ['its connection breaks', fault.reject(new Error('ECONNRESET'))],
    ['its connection breaks after it ran', fault.runThenReject(new Error('ECONNRESET'))],
    ['the store throws', fault.throwSync(new Error('not connected'))],
  ]

  test.each(unanswered)('without an answer keeps the old end: %s', async (_what, one) => {
    const { lock, clock, store } = await lockRoom()
    await clock.advance(10_000)
    store.next(one)
    const extended = watch(clock, lock.extend('10m'))
    await clock.advance(2000)
    expect(extended.error).toBeInstanceOf(StoreUnavailableError)
    expect(lock.remaining).toBe(VALID - 12_000)
    await clock.advance(VALID - 12_001)
    expect(lock.held).toBe(true)
    await clock.advance(1)
    expect(lock.held).toBe(false)
  })

  test.each(unanswered)(
    'that may have moved the end nearer is believed: %s',
    async (_what, one) => {
      const { lock, clock, store } = await lockRoom()
      store.next(one)
      const extended = watch(clock, lock.extend('5s'))
      await clock.advance(2000)
      expect(extended.error).toBeInstanceOf(StoreUnavailableError)
      expect(lock.remaining).toBe(4933 - 2000)
      await clock.advance(2933)
      expect(lock.held).toBe(false)
    },
  )

  test('that moves the end nearer is believed from the sending on', async () => {
    const { lock, clock, store } = await lockRoom()
    store.next(fault.slowReply(1500))
    watch(clock, lock.extend('5s'))
    await clock.settle()
    expect(lock.remaining).toBe(4933)
    await clock.advance(1500)
    expect(lock.remaining).toBe(4933 - 1500)
  })

  test('never believes more than the store has, whatever gets lost', async () => {
    for (const one of [fault.dropReply, fault.dropRequest, fault.runLateUnseen(3000)]) {
      const { locks, clock, store } = engineRoom({ renew: false })
      // A store that tells no time cannot refuse a late command: only core can allow for it.
      store.tellsTime = false
      const lock = await locks.acquire('n')
      store.next(one)
      watch(clock, lock.extend('6s'))
      await clock.advance(2500)
      watch(clock, lock.extend('1m'))
      while (lock.held) {
        expect(store.remainingMs(KEY)).toBeGreaterThan(lock.remaining)
        expect(store.holders(KEY)).toEqual([lock.token])
        await clock.advance(50)
      }
    }
  })

  test.each([
    ['10m', '5s', 4933],
    ['5s', '10m', 593_983],
  ] as const)('twice at once is one after the other: %s, then %s', async (first, second, left) => {
    const { lock, clock, store } = await lockRoom()
    store.next(fault.slowReply(300))
    const extended = [watch(clock, lock.extend(first)), watch(clock, lock.extend(second))]
    await clock.advance(299)
    expect(store.sent('extend')).toHaveLength(1)
    await clock.advance(1)
    expect(extended.map(fulfilled)).toEqual([true, true])
    expect(lock.remaining).toBe(left)
    expect(store.remainingMs(KEY)).toBeGreaterThan(left)
  })

  test('does not stop the one after it when it fails', async () => {
    const { lock, clock, store } = await lockRoom()
    store.next(fault.reject(new Error('reset')))
    const failed = watch(clock, lock.extend())
    const extended = watch(clock, lock.extend('1m'))
    await clock.settle()
    expect(failed.state).toBe('rejected')
    expect(fulfilled(extended)).toBe(true)
  })

  test('that waits its turn is not sent once the lock is released', async () => {
    const { lock, clock, store } = await lockRoom()
    store.next(fault.slowReply(300), 'extend')
    const extended = [watch(clock, lock.extend()), watch(clock, lock.extend())]
    await clock.settle()
    const released = watch(clock, lock.release())
    await clock.advance(300)
    expect(extended.map(fulfilled)).toEqual([false, false])
    expect(fulfilled(released)).toBe(true)
    expect(store.sent('extend')).toHaveLength(1)
    expect(store.holders(KEY)).toEqual([])
  })
})
