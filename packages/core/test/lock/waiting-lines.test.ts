import { describe, expect, test } from '@jest/globals'
import type { AcquireOptions } from '../../src/lock/options.ts'
import { engineRoom, KEY } from '../helpers/engine-room.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { fulfilled, watch } from '../helpers/settling.ts'
import { fault } from '../helpers/step-store.ts'

expectQuietProcess()

const FOR_EVER = { wait: Infinity }

/** Locks on a store without a queue, and who waits for the name `n`. */
function lineRoom() {
  const { clock, store, locks } = engineRoom()
  const acquire = (options: AcquireOptions = FOR_EVER) => watch(clock, locks.acquire('n', options))
  /** How many tries have been sent by now. */
  const tries = () => store.sent('acquire').length
  return { clock, store, locks, acquire, tries }
}

/** As `lineRoom`, while another process holds the name. */
function occupiedRoom() {
  const room = lineRoom()
  room.store.occupy(KEY, 'other', 3_600_000)
  return room
}

describe('many waiters of one process, where the store has no queue', () => {
  test('ask the store as often as one alone', async () => {
    const [alone, crowd] = [occupiedRoom(), occupiedRoom()]
    alone.acquire()
    for (let n = 0; n < 50; n++) crowd.acquire()
    await alone.clock.advance(60_000)
    await crowd.clock.advance(60_000)
    expect(crowd.tries()).toBe(alone.tries())
  })

  test('get the lock in the order in which they came, for two commands each', async () => {
    const { clock, store, locks } = lineRoom()
    const holder = await locks.acquire('n')
    const order: number[] = []
    const waiters = Array.from({ length: 50 }, async (_, n) => {
      const lock = await locks.acquire('n', FOR_EVER)
      order.push(n)
      await lock.release()
    })
    const all = watch(clock, Promise.all(waiters))
    await clock.settle()
    const triedBefore = store.sent().length
    await holder.release()
    await clock.settle()
    expect(all.state).toBe('fulfilled')
    expect(order).toEqual(Array.from({ length: 50 }, (_, n) => n))
    expect(store.sent().length - triedBefore).toBe(1 + 2 * 50)
  })

  test('ask at once when the lock is given back here, although the next try is far', async () => {
    const { clock, locks, acquire, tries } = lineRoom()
    const holder = await locks.acquire('n')
    const waiter = acquire()
    await clock.advance(5000)
    const triedBefore = tries()
    await holder.release()
    await clock.settle()
    expect(fulfilled(waiter).held).toBe(true)
    expect(tries()).toBe(triedBefore + 1)
  })

  test('ask at once when the lock is lost here', async () => {
    const { clock, locks, acquire, tries } = lineRoom()
    await locks.acquire('n', { renew: false, ttl: '5s' })
    acquire()
    await clock.advance(4900)
    const triedBefore = tries()
    await clock.advance(100)
    expect(tries()).toBeGreaterThan(triedBefore)
  })

  test('ask again at once when it is given back here while a try is under way', async () => {
    const { clock, store, locks, acquire } = lineRoom()
    const holder = await locks.acquire('n')
    store.replyMs = 50
    store.next(fault.slowReply(200), 'acquire')
    const waiter = acquire()
    await clock.settle()
    const released = watch(clock, holder.release())
    await clock.advance(200)
    expect(released.value).toBe(true)
    expect(waiter.state).toBe('pending')
    await clock.advance(50)
    expect(fulfilled(waiter).held).toBe(true)
  })

  test('find it as soon as one alone would when another process gives it back', async () => {
    const { clock, store, acquire } = occupiedRoom()
    const waiters = [acquire(), acquire()]
    await clock.advance(5000)
    store.vacate(KEY, 'other')
    await clock.advance(500)
    expect(waiters.map(({ state }) => state)).toEqual(['fulfilled', 'pending'])
  })

  test('do not poll while one of them has it, but every half second: it may be taken from outside', async () => {
    const { clock, store, acquire, tries } = lineRoom()
    const [first, second] = [acquire(), acquire()]
    await clock.settle()
    const { token } = fulfilled(first)
    await clock.advance(499)
    expect(tries()).toBe(1)
    store.vacate(KEY, token)
    await clock.advance(1)
    expect(fulfilled(second).held).toBe(true)
  })

  test('wait for names of their own', async () => {
    const { clock, locks, acquire, tries } = occupiedRoom()
    acquire()
    await clock.advance(1)
    const before = tries()
    expect((await locks.acquire('m')).held).toBe(true)
    expect(tries()).toBe(before + 1)
  })

  test('may want it for different times', async () => {
    const { clock, store, acquire } = lineRoom()
    const [first, second] = [acquire({ ttl: '5s' }), acquire({ ttl: '60s', ...FOR_EVER })]
    await clock.settle()
    await fulfilled(first).release()
    await clock.settle()
    expect(fulfilled(second).remaining).toBeGreaterThan(50_000)
    expect(store.sent('acquire').map(({ ttlMs }) => ttlMs)).toEqual([5250, 63_000])
  })
})

describe('a waiter behind others', () => {
  test('is timed out by what the store has said to the first, without a command of its own', async () => {
    const { clock, store, acquire, tries } = occupiedRoom()
    acquire()
    const second = acquire({ wait: 100 })
    await clock.advance(99)
    const triedBefore = tries()
    expect(second.state).toBe('pending')
    await clock.advance(1)
    expect(second.error).toMatchObject({ code: 'LOCK_TIMEOUT', waitedMs: 100 })
    expect(tries()).toBe(triedBefore)
    expect(store.holders(KEY)).toEqual(['other'])
  })

  test('tries once itself, if the store has said nothing since it came', async () => {
    const { clock, store, acquire } = occupiedRoom()
    const first = acquire()
    await clock.advance(5000)
    const second = acquire({ wait: 20 })
    store.vacate(KEY, 'other')
    await clock.advance(20)
    expect(fulfilled(second).held).toBe(true)
    expect(first.state).toBe('pending')
    await fulfilled(second).release()
    await clock.settle()
    expect(fulfilled(first).held).toBe(true)
  })

  test.each(['first', 'second'] as const)(
    'gets its turn when the %s of three aborts',
    async (who) => {
      const { clock, store, acquire } = occupiedRoom()
      const aborts = { first: new AbortController(), second: new AbortController() }
      const first = acquire({ wait: Infinity, signal: aborts.first.signal })
      const second = acquire({ wait: Infinity, signal: aborts.second.signal })
      const third = acquire()
      await clock.advance(5000)
      aborts[who].abort('enough')
      await clock.settle()
      expect({ first, second }[who].error).toBe('enough')
      store.vacate(KEY, 'other')
      await clock.advance(500)
      const next = who === 'first' ? second : first
      expect(fulfilled(next).held).toBe(true)
      expect(third.state).toBe('pending')
      await fulfilled(next).release()
      await clock.settle()
      expect(fulfilled(third).held).toBe(true)
    },
  )

  test('gets its turn when the first is timed out, and when its command is lost with it', async () => {
    const { clock, store, acquire } = occupiedRoom()
    const first = acquire({ wait: 1000 })
    const second = acquire()
    await clock.advance(999)
    store.next(fault.dropReply, 'acquire')
    store.vacate(KEY, 'other')
    await clock.advance(10_000)
    expect(first.error).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(store.holders(KEY)).toEqual([fulfilled(second).token])
  })

  test('is not in the way of a single try', async () => {
    const { clock, store, locks, acquire, tries } = occupiedRoom()
    const waiters = [acquire(), acquire()]
    await clock.advance(5000)
    const triedBefore = tries()
    expect(await locks.tryAcquire('n')).toBeNull()
    const timed = acquire({ wait: 0 })
    await clock.settle()
    expect(timed.error).toMatchObject({ code: 'LOCK_TIMEOUT', waitedMs: 0 })
    expect(tries()).toBe(triedBefore + 2)
    store.vacate(KEY, 'other')
    expect((await locks.tryAcquire('n'))?.held).toBe(true)
    expect(waiters.map(({ state }) => state)).toEqual(['pending', 'pending'])
  })

  test('waits out trouble with the store as the first does, and is told of it in the end', async () => {
    const { clock, store, acquire } = lineRoom()
    store.standingFault = fault.reject(new Error('down'))
    const [first, second] = [acquire(), acquire({ wait: 5000 })]
    await clock.advance(5000)
    expect(second.error).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    store.standingFault = undefined
    await clock.advance(2000)
    expect(fulfilled(first).held).toBe(true)
  })

  test('is rejected with the others when the locks are closed, and leaves nothing behind', async () => {
    const { clock, store, locks, acquire } = occupiedRoom()
    const waiters = [acquire(), acquire(), acquire()]
    await clock.advance(5000)
    const closed = watch(clock, locks.close())
    await clock.advance(2000)
    expect(closed.state).toBe('fulfilled')
    for (const { error } of waiters) expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(clock.armed).toEqual({ foreground: 0, background: 0 })
    const sent = store.sent().length
    await clock.advance(60_000)
    expect(store.sent()).toHaveLength(sent)
  })

  test('leaves no timer behind, however it ends', async () => {
    const { clock, store, acquire } = occupiedRoom()
    const waiters = [acquire(), acquire({ wait: 1000 }), acquire()]
    await clock.advance(2000)
    store.vacate(KEY, 'other')
    await clock.advance(500)
    for (const waiter of waiters) {
      if (waiter.state === 'fulfilled') await fulfilled(waiter).release()
      await clock.settle()
    }
    expect(waiters.map(({ state }) => state)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    await fulfilled(waiters[2] as (typeof waiters)[0]).release()
    expect(clock.armed).toEqual({ foreground: 0, background: 0 })
  })
})

test('the leader of an election gives way to those who wait here before it', async () => {
  const { clock, locks } = lineRoom()
  const terms: string[] = []
  const controller = new AbortController()
  const stand = (who: string) =>
    locks.elect('n', { signal: controller.signal }, async () => {
      terms.push(who)
      if (terms.length === 6) controller.abort()
    })
  const both = watch(clock, Promise.all([stand('a'), stand('b')]))
  await clock.settle()
  expect(both.state).toBe('fulfilled')
  expect(terms).toEqual(['a', 'b', 'a', 'b', 'a', 'b'])
})
