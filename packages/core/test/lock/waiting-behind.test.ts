import { describe, expect, test } from '@jest/globals'
import { KEY } from '../helpers/engine-room.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { fulfilled, watch } from '../helpers/settling.ts'
import { fault } from '../helpers/step-store.ts'
import { lineRoom, occupiedRoom } from './line-room.ts'

expectQuietProcess()

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
