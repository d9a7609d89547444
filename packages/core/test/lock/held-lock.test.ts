import { describe, expect, jest, test } from '@jest/globals'
import { LockLostError } from '../../src/errors.ts'
import { engineRoom, GRACE, KEY, lossOf, TTL, VALID } from '../helpers/engine-room.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { fulfilled, watch } from '../helpers/settling.ts'
import { fault } from '../helpers/step-store.ts'
import { lockRoom } from './lock-room.ts'

expectQuietProcess()

describe('a held lock', () => {
  test('has its encoded name, its token and its fence', async () => {
    const { locks, store } = engineRoom()
    const lock = await locks.acquire(['a b', 1])
    expect(lock.name).toBe(':a%20b:=1')
    expect(store.sent()[0]).toMatchObject({ key: 'locks:l1:{:a%20b:=1}', token: lock.token })
    expect(lock.fence).toBe(store.nowMs() * 1000)
  })

  test('[C15] has a greater fence than the one before it', async () => {
    const { locks, lock } = await lockRoom()
    await lock.release()
    const next = await locks.acquire('n')
    expect(next.fence).toBeGreaterThan(lock.fence ?? Number.NaN)
  })

  test('has no fence where the store has no fencing', async () => {
    const { locks, store } = engineRoom()
    store.next(fault.answer({ state: 'granted', remainingMs: 31_500 }))
    expect((await locks.acquire('n')).fence).toBeUndefined()
  })

  test('is exclusive when nothing else was asked for', async () => {
    expect((await lockRoom()).lock.mode).toBe('exclusive')
  })

  test('counts down what remains, by its own clock', async () => {
    const { lock, clock } = await lockRoom()
    expect(lock.remaining).toBe(VALID)
    await clock.advance(1000)
    expect(lock.remaining).toBe(VALID - 1000)
    clock.stepWall(86_400_000)
    expect(lock.remaining).toBe(VALID - 1000)
    lock.assertHeld()
  })

  test('[C10] is one of its kind: nobody else gets it while it is held', async () => {
    const { locks, lock, clock } = await lockRoom()
    while (lock.held) {
      expect(await locks.tryAcquire('n')).toBeNull()
      await clock.advance(1000)
    }
    expect(clock.elapsed).toBe(30_000)
  })
})

describe('the end of its lease', () => {
  test('ends the lock by its own clock, while the store still keeps it for the grace', async () => {
    const { lock, clock, store } = await lockRoom()
    await clock.advance(VALID - 1)
    expect(lock.held).toBe(true)
    expect(lock.signal.aborted).toBe(false)
    await clock.advance(1)
    expect(lock.held).toBe(false)
    expect(lock.remaining).toBe(0)
    expect(lossOf(lock)).toBe('expired')
    expect(store.remainingMs(KEY)).toBe(TTL + GRACE - VALID)
  })

  test('aborts the signal without anybody looking, and with a dead network', async () => {
    const { lock, clock, store } = await lockRoom()
    store.standingFault = fault.dropRequest
    const aborted = jest.fn()
    lock.signal.addEventListener('abort', aborted)
    await clock.advance(VALID)
    expect(aborted).toHaveBeenCalledTimes(1)
    expect(lock.signal.reason).toBeInstanceOf(LockLostError)
    expect(lock.signal.reason).toMatchObject({ code: 'LOCK_LOST', reason: 'expired' })
  })

  test('is seen right after a stall, before any timer has run', async () => {
    const { lock, clock, events } = await lockRoom()
    const { signal } = lock
    clock.block(VALID)
    expect(signal.aborted).toBe(false)
    expect(lock.held).toBe(false)
    expect(signal.aborted).toBe(true)
    expect(lossOf(lock)).toBe('expired')
    expect(events.at(-1)).toEqual({ type: 'lost', name: 'n', reason: 'expired' })
    await clock.advance(100_000)
    expect(events.filter(({ type }) => type === 'lost')).toHaveLength(1)
  })

  test.each(['remaining', 'assertHeld', 'verify', 'extend', 'release'] as const)(
    'is seen right after a stall also by %s, without asking the store',
    async (member) => {
      const { lock, clock, store } = await lockRoom()
      clock.block(VALID)
      const seen = {
        remaining: async () => lock.remaining,
        assertHeld: async () => lock.assertHeld(),
        verify: () => lock.verify(),
        extend: () => lock.extend(),
        release: () => lock.release(),
      }
      const outcome = await seen[member]().catch((error: unknown) => error)
      if (member === 'assertHeld') expect(outcome).toMatchObject({ reason: 'expired' })
      else expect(outcome).toBe(member === 'remaining' ? 0 : false)
      expect(store.sent()).toHaveLength(1)
    },
  )

  test('has aborted a signal that is looked at only afterwards', async () => {
    const { lock, clock } = await lockRoom()
    await clock.advance(VALID)
    expect(lock.signal.aborted).toBe(true)
    expect(lossOf(lock)).toBe('expired')
    expect(lock.signal).toBe(lock.signal)
  })

  test('is final: no reply that comes later revives the lock', async () => {
    const { lock, clock, store } = await lockRoom()
    await clock.advance(VALID - 100)
    store.next(fault.slowReply(200))
    const extended = watch(clock, lock.extend('10m'))
    await clock.advance(200)
    expect(store.sent('extend')[0]?.reply).toMatchObject({ state: 'extended' })
    expect(fulfilled(extended)).toBe(false)
    expect(lock.held).toBe(false)
    expect(lossOf(lock)).toBe('expired')
  })

  test('is final also when the reply to an extend is seen before the timers, after a stall', async () => {
    const { lock, clock, store } = await lockRoom()
    const extend = store.extend.bind(store)
    store.extend = (request) => {
      const reply = extend(request)
      clock.block(VALID)
      return reply
    }
    expect(await lock.extend('10m')).toBe(false)
    expect(lock.held).toBe(false)
    expect(lossOf(lock)).toBe('expired')
  })

  test('is told by assertHeld with its reason, and by no token', async () => {
    const { lock, clock } = await lockRoom()
    lock.assertHeld()
    await clock.advance(VALID)
    expect(() => lock.assertHeld()).toThrow('lock n was lost: expired')
    expect(() => lock.assertHeld()).toThrow(LockLostError)
  })

  test('waits in the background: a held lock does not keep the process alive', async () => {
    const { clock } = await lockRoom({})
    expect(clock.armed).toEqual({ foreground: 0, background: 1 })
  })
})
