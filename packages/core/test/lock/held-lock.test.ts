import { describe, expect, jest, test } from '@jest/globals'
import { LockLostError, StoreUnavailableError } from '../../src/errors.ts'
import type { LocksOptions } from '../../src/lock/create-locks.ts'
import { engineRoom, GRACE, KEY, lossOf, TTL, VALID } from '../helpers/engine-room.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { fulfilled, rejectionOf, watch } from '../helpers/settling.ts'
import { type Fault, fault } from '../helpers/step-store.ts'

expectQuietProcess()

/** A held lock, by default one that is not renewed. */
async function lockRoom(options: LocksOptions = { renew: false }) {
  const room = engineRoom(options)
  const lock = await room.locks.acquire('n')
  return { ...room, lock }
}

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
    expect(clock.armed).toEqual({ foreground: 0, background: 2 })
  })
})

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

describe('verify', () => {
  test('tells the holder from everybody else, and inspect a held name from a free one [C56] [C57]', async () => {
    const { locks, store } = engineRoom({ renew: false })
    const isLocked = async () => (await locks.inspect('n')).holders.length > 0
    expect(await isLocked()).toBe(false)
    const lock = await locks.acquire('n')
    expect(await isLocked()).toBe(true)
    expect(await lock.verify()).toBe(true)
    await lock.release()
    expect(await isLocked()).toBe(false)
    const next = await locks.acquire('n')
    expect(await lock.verify()).toBe(false)
    expect(await next.verify()).toBe(true)
    expect(store.holders(KEY)).toEqual([next.token])
  })

  test('asks the store, in one command [C57]', async () => {
    const { lock, store } = await lockRoom()
    expect(await lock.verify()).toBe(true)
    expect(store.sent('inspect')).toHaveLength(1)
    expect(lock.held).toBe(true)
  })

  test.each(['deleted', 'stolen'])('finds the lock %s: it is lost at once', async (reason) => {
    const { lock, store } = await lockRoom()
    store.forget(KEY)
    if (reason === 'stolen') store.occupy(KEY, 'thief', 60_000)
    expect(await lock.verify()).toBe(false)
    expect(lock.held).toBe(false)
    expect(lossOf(lock)).toBe(reason)
  })

  test('of a lost or released lock is false, without a command', async () => {
    const { lock, store } = await lockRoom()
    await lock.release()
    expect(await lock.verify()).toBe(false)
    expect(store.sent('inspect')).toEqual([])
  })

  test('that outlasts the lock is false, whatever the store says', async () => {
    const { lock, clock, store } = await lockRoom()
    await clock.advance(VALID - 100)
    store.next(fault.slowReply(200))
    const verified = watch(clock, lock.verify())
    await clock.advance(200)
    expect(fulfilled(verified)).toBe(false)
    expect(lossOf(lock)).toBe('expired')
  })

  test('that outlasts a release takes nothing for a loss', async () => {
    const { lock, clock, store, events } = await lockRoom()
    store.next(fault.runLate(200), 'inspect')
    const verified = watch(clock, lock.verify())
    await clock.settle()
    await lock.release()
    await clock.advance(200)
    expect(fulfilled(verified)).toBe(false)
    expect(lock.signal.aborted).toBe(false)
    expect(events.map(({ type }) => type)).toEqual(['acquired', 'released'])
  })

  test.each<[string, Fault]>([
    ['lost', fault.dropRequest],
    ['rejected', fault.reject(new Error('reset'))],
    ['refused by a throw', fault.throwSync(new Error('not connected'))],
  ])('without an answer rejects and changes nothing: %s', async (_what, one) => {
    const { lock, clock, store } = await lockRoom()
    store.next(one)
    const verified = watch(clock, lock.verify())
    await clock.advance(2000)
    expect(verified.error).toBeInstanceOf(StoreUnavailableError)
    expect(lock.held).toBe(true)
  })
})

describe('no error', () => {
  test('carries a token, a credential or a client of the store', async () => {
    const { inspect } = await import('node:util')
    const { locks, lock, store, clock } = await lockRoom()
    const client = { password: 'TOPSECRET' }
    const down = Object.assign(new Error('redis://u:TOPSECRET@host: down'), { client })
    store.standingFault = fault.reject(down)
    const timedOut = rejectionOf(locks.acquire('n', { wait: 10 }))
    const errors = [
      rejectionOf(lock.extend()),
      rejectionOf(lock.verify()),
      rejectionOf(locks.tryAcquire('n')),
      timedOut,
    ]
    await clock.advance(100)
    store.standingFault = undefined
    errors.push(rejectionOf(locks.acquire('n', { wait: 0 })))
    store.forget(KEY)
    await lock.extend()
    errors.push(rejectionOf((async () => lock.assertHeld())()))
    for (const error of await Promise.all(errors)) {
      const seen = inspect(error, { depth: 10, showHidden: true })
      expect(seen).not.toMatch(/TOPSECRET|token-/)
      expect(seen).toContain('code:')
    }
  })
})
