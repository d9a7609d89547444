import { describe, expect, test } from '@jest/globals'
import type { ReleaseOptions } from '../../src/lock/lock.ts'
import { engineRoom, GRACE, KEY, lossOf, TTL } from '../helpers/engine-room.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { fulfilled, rejectionOf, watch } from '../helpers/settling.ts'
import { fault } from '../helpers/step-store.ts'

expectQuietProcess()

async function lockRoom() {
  const room = engineRoom()
  return { ...room, lock: await room.locks.acquire('n') }
}

describe('a release with a cool-down', () => {
  test('ends the handle at once, and the lease that long after the acquisition', async () => {
    const { lock, locks, clock, store } = await lockRoom()
    await clock.advance(4000)
    const released = lock.release({ after: '1m' })
    expect(lock.held).toBe(false)
    expect(await released).toBe(true)
    expect(lock.signal.aborted).toBe(false)
    expect(store.remainingMs(KEY)).toBe(56_000)
    await clock.advance(55_999)
    expect(await locks.tryAcquire('n')).toBeNull()
    await clock.advance(1)
    expect(await locks.tryAcquire('n')).not.toBeNull()
  })

  test('is one extend to the rest, and nothing after it: no renewal, no release', async () => {
    const { lock, clock, store, events } = await lockRoom()
    await lock.release({ after: '1m' })
    await clock.advance(100_000)
    expect(clock.armed).toEqual({ foreground: 0, background: 0 })
    expect(store.sent().map(({ command }) => command)).toEqual(['acquire', 'extend'])
    expect(events.map(({ type }) => type)).toEqual(['acquired', 'released'])
  })

  test('makes the lease shorter too', async () => {
    const { lock, store } = await lockRoom()
    await lock.release({ after: 700 })
    expect(store.remainingMs(KEY)).toBe(700)
  })

  test('gives it to a waiter when it ends', async () => {
    const { lock, locks, clock } = await lockRoom()
    await lock.release({ after: '4s' })
    const next = watch(clock, locks.acquire('n'))
    await clock.advance(3999)
    expect(next.state).toBe('pending')
    await clock.advance(502)
    expect(next.state).toBe('fulfilled')
  })

  test('that is over already is a plain release', async () => {
    const { lock, clock, store } = await lockRoom()
    await clock.advance(5000)
    expect(await lock.release({ after: '5s' })).toBe(true)
    expect(store.sent().map(({ command }) => command)).toEqual(['acquire', 'release'])
    expect(store.holders(KEY)).toEqual([])
  })

  test('waits for an extend that is under way, which would move the end again', async () => {
    const { lock, clock, store } = await lockRoom()
    store.next(fault.runLate(300), 'extend')
    const extended = watch(clock, lock.extend('10m'))
    await clock.settle()
    const released = watch(clock, lock.release({ after: '1m' }))
    expect(lock.held).toBe(false)
    await clock.advance(300)
    expect(fulfilled(extended)).toBe(false)
    expect(fulfilled(released)).toBe(true)
    expect(store.remainingMs(KEY)).toBe(59_700)
  })

  test('that is over when its turn comes is a plain release', async () => {
    const { lock, clock, store } = await lockRoom()
    store.next(fault.slowReply(300), 'extend')
    watch(clock, lock.extend())
    await clock.settle()
    const released = watch(clock, lock.release({ after: 200 }))
    await clock.advance(300)
    expect(fulfilled(released)).toBe(true)
    expect(store.holders(KEY)).toEqual([])
  })

  test('of a lock that the store has lost is false, and tells', async () => {
    const { lock, store } = await lockRoom()
    store.forget(KEY)
    store.occupy(KEY, 'thief', 60_000)
    expect(await lock.release({ after: '1m' })).toBe(false)
    expect(lossOf(lock)).toBe('stolen')
    expect(store.remainingMs(KEY)).toBe(60_000)
  })

  test('of a lock that is no longer held is false, without a command', async () => {
    const { lock, store } = await lockRoom()
    await lock.release()
    expect(await lock.release({ after: '1m' })).toBe(false)
    expect(store.sent()).toHaveLength(2)
  })

  test.each([
    ['without an answer', fault.dropRequest],
    ['refused as late', fault.answer({ state: 'late', storeNowMs: 0 })],
  ])('%s rejects, and the lease ends by itself', async (_what, one) => {
    const { lock, clock, store } = await lockRoom()
    store.next(one, 'extend')
    const released = watch(clock, lock.release({ after: '1m' }))
    await clock.advance(2000)
    expect(released.error).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(lock.held).toBe(false)
    expect(store.remainingMs(KEY)).toBe(TTL + GRACE - 2000)
    await clock.advance(100_000)
    expect(store.sent('release')).toEqual([])
    expect(store.holders(KEY)).toEqual([])
  })

  test.each([
    null,
    'soon',
    { after: -1 },
    { after: 1.5 },
    { after: null },
    { after: Number.NaN },
    { after: Infinity },
    { after: '1 minute' },
    { after: 2 ** 31 },
  ])('refuses %p before anything ends', async (options) => {
    const { lock, store } = await lockRoom()
    const error = await rejectionOf(lock.release(options as ReleaseOptions))
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(lock.held).toBe(true)
    expect(store.sent()).toHaveLength(1)
  })
})
