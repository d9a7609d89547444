import { describe, expect, test } from '@jest/globals'
import { LockLostError, StoreUnavailableError } from '../../src/errors.ts'
import { engineRoom, KEY, lossOf, VALID } from '../helpers/engine-room.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { fulfilled, watch } from '../helpers/settling.ts'
import { fault } from '../helpers/step-store.ts'
import { lockRoom } from './lock-room.ts'

expectQuietProcess()

describe('release', () => {
  test('frees the lock in one command and is true [C32] [C44]', async () => {
    const { lock, store, clock } = await lockRoom({})
    expect(await lock.release()).toBe(true)
    expect(store.holders(KEY)).toEqual([])
    expect(store.sent().map(({ command }) => command)).toEqual(['acquire', 'release'])
    expect(clock.armed).toEqual({ foreground: 0, background: 0 })
  })

  test('does not abort the signal: it is no loss', async () => {
    const { lock, clock } = await lockRoom({})
    const { signal } = lock
    await lock.release()
    await clock.advance(100_000)
    expect(signal.aborted).toBe(false)
    expect(lock.signal.aborted).toBe(false)
  })

  test('of a lock with a fraction of a second that has expired is quietly false [C45]', async () => {
    const { locks, clock, store } = engineRoom({ renew: false })
    const lock = await locks.acquire('n', { ttl: '0.1s' })
    await clock.advance(200)
    expect(await lock.release()).toBe(false)
    expect(store.sent('release')).toEqual([])
  })

  test('belongs to an acquisition: who has none can leave nothing [C33] [C39] [C67]', async () => {
    const { locks, lock, store } = await lockRoom()
    expect(await locks.tryAcquire('n')).toBeNull()
    expect(locks).not.toHaveProperty('release')
    await locks[Symbol.asyncDispose]()
    await engineRoom().locks[Symbol.asyncDispose]()
    expect(store.sent('release').map(({ token }) => token)).toEqual([lock.token])
  })

  test('ends the lock before the command leaves', async () => {
    const { lock, clock, store } = await lockRoom({})
    store.next(fault.slowReply(500))
    const released = watch(clock, lock.release())
    expect(lock.held).toBe(false)
    expect(lock.remaining).toBe(0)
    await clock.advance(500)
    expect(fulfilled(released)).toBe(true)
  })

  test('twice is false the second time, without a command [C34]', async () => {
    const { lock, store } = await lockRoom()
    expect(await Promise.all([lock.release(), lock.release()])).toEqual([true, false])
    expect(await lock.release()).toBe(false)
    expect(store.sent('release')).toHaveLength(1)
  })

  test('of a lost lock is false, without a command: the key may be somebody else’s [C40]', async () => {
    const { lock, clock, store } = await lockRoom()
    await clock.advance(VALID)
    expect(await lock.release()).toBe(false)
    expect(store.sent('release')).toEqual([])
  })

  test.each(['deleted', 'stolen'])(
    'that finds the lock %s is false and tells [C35] [C36] [C37] [C42]',
    async (reason) => {
      const { lock, store, events } = await lockRoom()
      const { signal } = lock
      store.forget(KEY)
      if (reason === 'stolen') store.occupy(KEY, 'thief', 60_000)
      expect(await lock.release()).toBe(false)
      expect(signal.aborted).toBe(true)
      expect(lossOf(lock)).toBe(reason)
      expect(() => lock.assertHeld()).toThrow(reason)
      expect(events.at(-1)).toEqual({ type: 'lost', name: 'n', reason })
      expect(store.holders(KEY)).toEqual(reason === 'stolen' ? ['thief'] : [])
      expect(store.remainingMs(KEY)).toBe(reason === 'stolen' ? 60_000 : 0)
    },
  )

  test('without an answer is a rejection, and goes on in the background [C43]', async () => {
    const { lock, clock, store } = await lockRoom()
    store.next(fault.dropRequest)
    const released = watch(clock, lock.release())
    await clock.advance(2000)
    expect(released.error).toBeInstanceOf(StoreUnavailableError)
    expect(lock.held).toBe(false)
    expect(store.holders(KEY)).toEqual([])
  })

  test('goes on in the background for as long as the store may keep the lock', async () => {
    const { lock, clock, store } = await lockRoom()
    store.standingFault = fault.reject(new Error('down'))
    watch(clock, lock.release())
    await clock.advance(30_000)
    const tries = store.sent('release').length
    expect(tries).toBeGreaterThan(20)
    await clock.advance(3000)
    const sent = store.sent().length
    await clock.advance(100_000)
    expect(store.sent()).toHaveLength(sent)
  })

  test('goes on in the background also for a lock that was extended far', async () => {
    const { lock, clock, store } = await lockRoom()
    await lock.extend('10m')
    store.standingFault = fault.reject(new Error('down'))
    watch(clock, lock.release())
    await clock.advance(60_000)
    store.standingFault = undefined
    await clock.advance(2000)
    expect(store.holders(KEY)).toEqual([])
  })

  test('of a released lock says so to assertHeld', async () => {
    const { lock } = await lockRoom()
    await lock.release()
    expect(() => lock.assertHeld()).toThrow(LockLostError)
    expect(() => lock.assertHeld()).toThrow(expect.objectContaining({ reason: 'released' }))
  })
})

describe('dispose', () => {
  test('releases', async () => {
    const { lock, store } = await lockRoom()
    expect(await lock[Symbol.asyncDispose]()).toBeUndefined()
    expect(store.holders(KEY)).toEqual([])
  })

  test('never throws: not twice, not when lost [C41]', async () => {
    const { lock, clock } = await lockRoom()
    await lock[Symbol.asyncDispose]()
    await lock[Symbol.asyncDispose]()
    const lost = await lockRoom()
    await lost.clock.advance(VALID)
    await lost.lock[Symbol.asyncDispose]()
    expect(clock.armed.foreground).toBe(0)
  })

  test('never throws: not when the store is unreachable, which it tells the listener', async () => {
    const { lock, clock, store, events } = await lockRoom()
    store.standingFault = fault.dropRequest
    const disposed = watch(clock, lock[Symbol.asyncDispose]())
    await clock.advance(2000)
    expect(disposed.state).toBe('fulfilled')
    expect(events.at(-1)).toMatchObject({ type: 'store-error', name: 'n' })
  })
})
