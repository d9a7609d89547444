import { describe, expect, test } from '@jest/globals'
import { KEY } from '../helpers/engine-room.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { fulfilled, watch } from '../helpers/settling.ts'
import { fault } from '../helpers/step-store.ts'
import { FOR_EVER, lineRoom, occupiedRoom } from './line-room.ts'

expectQuietProcess()

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
