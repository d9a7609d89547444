import { describe, expect, test } from '@jest/globals'
import { createLocks, noopStore } from '../../src/index.ts'
import type { AcquireOptions } from '../../src/lock/options.ts'
import { engineRoom, KEY } from '../helpers/engine-room.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { fulfilled, rejectionOf, watch } from '../helpers/settling.ts'
import { fault } from '../helpers/step-store.ts'
import { cohortRoom, LOCAL } from './cohort-room.ts'

expectQuietProcess()

describe("fair: 'process'", () => {
  test('hands a lock on in the process, each time with a greater fence, for two commands in all', async () => {
    const { clock, store, askAll } = cohortRoom()
    const callers = await askAll(50)
    const fences: (number | undefined)[] = []
    for (const [n, caller] of callers.entries()) {
      const lock = fulfilled(caller)
      fences.push(lock.fence)
      expect(callers[n + 1]?.state ?? 'pending').toBe('pending')
      expect(await lock.release()).toBe(true)
      await clock.settle()
    }
    const [first = 0] = fences
    expect(fences).toEqual(Array.from({ length: 50 }, (_, n) => first + n))
    expect(store.log.map(({ command }) => command)).toEqual(['acquire', 'release'])
    expect(store.holders(KEY)).toEqual([])
  })

  test('a released handle is good for nothing, and asks nobody, while others hold the lease', async () => {
    const { clock, store, askAll } = cohortRoom()
    const [one, other] = await askAll(2)
    if (!one || !other) throw new Error('no callers')
    const before = fulfilled(one)
    await before.release()
    await clock.settle()
    const after = fulfilled(other)
    expect(after.token).toBe(before.token)
    const sent = store.log.length
    expect([before.held, before.remaining]).toEqual([false, 0])
    expect(await Promise.all([before.verify(), before.extend(), before.release()])).toEqual([
      false,
      false,
      false,
    ])
    expect(() => before.assertHeld()).toThrow('was released')
    expect(() => before.handover()).toThrow('was released')
    expect(store.log.length).toBe(sent)
    expect(after.held).toBe(true)
  })

  test('an extend that was to be sent for a holder is not sent for the next one', async () => {
    const { clock, store, askAll } = cohortRoom()
    const [one, other] = await askAll(2)
    if (!one || !other) throw new Error('no callers')
    const lock = fulfilled(one)
    store.next(fault.slowReply(10), 'extend')
    const first = watch(clock, lock.extend('20s'))
    await clock.settle()
    const second = watch(clock, lock.extend('15s'))
    await lock.release()
    await clock.advance(20)
    expect([first.value, second.value]).toEqual([false, false])
    expect(store.sent('extend')).toHaveLength(1)
    expect(fulfilled(other).remaining).toBeGreaterThan(19_000)
  })

  test('who gives up, or runs out of time, is passed over', async () => {
    const { clock, store, ask } = cohortRoom()
    const abort = new AbortController()
    const [one, aborted, late, last] = [
      ask(),
      ask({ signal: abort.signal }),
      ask({ wait: 20 }),
      ask(),
    ]
    await clock.advance(20)
    expect(late.error).toMatchObject({ code: 'LOCK_TIMEOUT', waitedMs: 20 })
    const released = fulfilled(one).release()
    // In the turn in which it got the lease.
    abort.abort(new Error('enough'))
    await released
    await clock.settle()
    expect(aborted.error).toEqual(new Error('enough'))
    expect(fulfilled(last).held).toBe(true)
    expect(store.sent('acquire')).toHaveLength(1)
  })

  test('tells of each turn as of a lock of its own', async () => {
    const { clock, events, askAll } = cohortRoom()
    const [one, two] = await askAll(2)
    if (!one || !two) throw new Error('no callers')
    await clock.advance(5)
    await fulfilled(one).release()
    await clock.advance(7)
    await fulfilled(two).release()
    const fence = fulfilled(one).fence ?? 0
    expect(events).toEqual([
      { type: 'acquired', name: 'n', waitedMs: 0, fence },
      { type: 'released', name: 'n', heldMs: 5 },
      { type: 'acquired', name: 'n', waitedMs: 5, fence: fence + 1 },
      { type: 'released', name: 'n', heldMs: 7 },
    ])
  })

  test.each([{ mode: 'shared' }, { permits: 2 }] as const)(
    'is refused with %j',
    async (options) => {
      const { store, locks } = engineRoom({ fair: 'process' })
      for (const given of [options, { ...options, fair: 'process' as const }]) {
        expect(await rejectionOf(locks.acquire('n', given))).toMatchObject({
          code: 'INVALID_ARGUMENT',
        })
      }
      expect(store.log).toEqual([])
    },
  )

  test('is refused for several names, and by stores that confirm', async () => {
    const { locks } = engineRoom()
    const several = await rejectionOf(locks.acquireAll(['a', 'b'], LOCAL))
    expect(several).toMatchObject({ code: 'INVALID_ARGUMENT' })
    const store = noopStore()
    const confirming = createLocks({ ...store, facts: { ...store.facts, confirms: true } })
    const refused = await rejectionOf(confirming.acquire('n', LOCAL))
    expect(refused).toMatchObject({ code: 'UNSUPPORTED' })
    await confirming.close()
  })
})

describe('fair: false', () => {
  test('each waiter tries for itself, even where others would stand in line', async () => {
    const { clock, store, locks } = engineRoom()
    store.occupy(KEY, 'other', 60_000)
    const barging = { fair: false, wait: 1000 } as const
    const waiters = [1, 2, 3].map(() => watch(clock, locks.acquire('n', barging)))
    await clock.settle()
    expect(store.sent('acquire')).toHaveLength(3)
    await clock.advance(3000)
    for (const { error } of waiters) expect(error).toMatchObject({ code: 'LOCK_TIMEOUT' })
  })

  test('is no other word', async () => {
    const { locks } = engineRoom()
    const wrong = { fair: true } as unknown as AcquireOptions
    expect(await rejectionOf(locks.acquire('n', wrong))).toMatchObject({ code: 'INVALID_ARGUMENT' })
  })
})
