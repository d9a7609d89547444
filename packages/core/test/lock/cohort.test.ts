import { describe, expect, test } from '@jest/globals'
import { createLocks, noopStore } from '../../src/index.ts'
import type { AcquireOptions } from '../../src/lock/options.ts'
import { engineRoom, KEY, lossOf } from '../helpers/engine-room.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { fulfilled, rejectionOf, watch } from '../helpers/settling.ts'
import { fault } from '../helpers/step-store.ts'

expectQuietProcess()

const LOCAL = { fair: 'process', wait: Infinity } as const

/** Several callers of one process that want the name `n`. */
function cohortRoom() {
  const { clock, store, locks, events } = engineRoom()
  const ask = (options: AcquireOptions = {}) =>
    watch(clock, locks.acquire('n', { ...LOCAL, ...options }))
  const askAll = async (count: number) => {
    const callers = Array.from({ length: count }, () => ask())
    await clock.settle()
    return callers
  }
  return { clock, store, locks, events, ask, askAll }
}

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

  test('a loss is told to its holder alone, and who waits asks the store', async () => {
    const { clock, store, askAll } = cohortRoom()
    const [one, two, three] = await askAll(3)
    if (!one || !two || !three) throw new Error('no callers')
    const { signal: released } = fulfilled(one)
    await fulfilled(one).release()
    await clock.settle()
    const lost = fulfilled(two)
    expect(lost.signal.aborted).toBe(false)
    store.forget(KEY)
    store.occupy(KEY, 'other', 60_000)
    expect(await lost.verify()).toBe(false)
    expect([lossOf(lost), released.aborted]).toEqual(['stolen', false])
    await clock.settle()
    store.vacate(KEY, 'other')
    await clock.advance(60_000)
    expect(fulfilled(three).token).not.toBe(lost.token)
  })

  test('goes back to the store after 64 turns, or 50 ms', async () => {
    const many = cohortRoom()
    const callers = await many.askAll(70)
    for (const caller of callers.slice(0, 65)) {
      await fulfilled(caller).release()
      await many.clock.settle()
    }
    expect(many.store.sent('acquire')).toHaveLength(2)

    const slow = cohortRoom()
    const [first, second] = await slow.askAll(3)
    if (!first || !second) throw new Error('no callers')
    await slow.clock.advance(49)
    await fulfilled(first).release()
    await slow.clock.settle()
    expect(slow.store.sent('acquire')).toHaveLength(1)
    await slow.clock.advance(1)
    await fulfilled(second).release()
    await slow.clock.settle()
    expect(slow.store.sent('acquire')).toHaveLength(2)
  })

  test('asks for three turns for each who waits, when a lease was used up', async () => {
    const { store, askAll, clock } = cohortRoom()
    let line = await askAll(3)
    const takeTurns = async (count: number) => {
      for (let turn = 0; turn < count; turn++) {
        const [caller, ...others] = line
        if (!caller) throw new Error('nobody waits')
        await fulfilled(caller).release()
        await clock.settle()
        line = others
      }
    }
    line.push(...(await askAll(2)))
    await takeTurns(3)
    // Two wait, and six may have it: those who come now, too.
    line.push(...(await askAll(4)))
    await takeTurns(6)
    expect(store.sent('acquire')).toHaveLength(2)
  })

  test('a lease with too little left, or on other terms, is not handed on', async () => {
    const { clock, store, ask } = cohortRoom()
    const [one, two, three] = [ask(), ask(), ask({ ttl: '1m' })]
    await clock.settle()
    await fulfilled(one).extend('9s')
    await fulfilled(one).release()
    await clock.settle()
    expect(store.sent('acquire')).toHaveLength(2)
    await fulfilled(two).release()
    await clock.settle()
    expect(store.sent('acquire')).toHaveLength(3)
    expect(fulfilled(three).remaining).toBeGreaterThan(50_000)
  })

  test('a cool-down and a hand-over end the turns', async () => {
    const { clock, store, locks, ask } = cohortRoom()
    const [one, two, three] = [ask(), ask(), ask()]
    await clock.settle()
    await fulfilled(one).release({ after: 1000 })
    await clock.advance(900)
    expect(two.state).toBe('pending')
    await clock.advance(1000)
    const second = fulfilled(two)
    const grant = second.handover()
    await clock.settle()
    expect([grant.fence, three.state]).toEqual([second.fence, 'pending'])
    const heir = await locks.adopt(grant)
    expect(store.holders(KEY)).toEqual([heir.token])
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

  test('when the first of a process gives up, the next one asks; when the store is dead, it says so', async () => {
    const { clock, store, ask } = cohortRoom()
    store.occupy(KEY, 'other', 60_000)
    const abort = new AbortController()
    const [one, two] = [ask({ signal: abort.signal }), ask({ wait: 3000 })]
    await clock.advance(1000)
    abort.abort()
    await clock.settle()
    expect([one.state, two.state]).toEqual(['rejected', 'pending'])
    store.standingFault = fault.dropRequest
    const three = ask({ wait: 1000 })
    await clock.advance(10_000)
    expect([two.error, three.error]).toMatchObject([
      { code: 'STORE_UNAVAILABLE' },
      { code: 'STORE_UNAVAILABLE' },
    ])
  })

  test('without fences to hand on, each asks the store; without any fences, none is needed', async () => {
    const { clock, store, ask } = cohortRoom()
    Object.assign(store.facts, { fenceBlocks: false })
    const [one, two] = [ask(), ask()]
    await clock.settle()
    await fulfilled(one).release()
    await clock.settle()
    expect([two.state, store.sent('acquire').length]).toEqual(['fulfilled', 2])

    const bare = cohortRoom()
    Object.assign(bare.store.facts, { fencing: false })
    const [first, second] = await bare.askAll(2)
    if (!first || !second) throw new Error('no callers')
    await fulfilled(first).release()
    await bare.clock.settle()
    expect([second.state, bare.store.sent('acquire').length]).toEqual(['fulfilled', 1])
  })

  test('close rejects who waits and gives the lease back', async () => {
    const { clock, store, locks, askAll } = cohortRoom()
    const [one, two] = await askAll(2)
    if (!one || !two) throw new Error('no callers')
    const released = fulfilled(one).release()
    await Promise.all([locks.close(), released])
    await clock.settle()
    expect(two.error).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(store.holders(KEY)).toEqual([])
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
