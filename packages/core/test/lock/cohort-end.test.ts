import { describe, expect, test } from '@jest/globals'
import { KEY, lossOf } from '../helpers/engine-room.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { fulfilled } from '../helpers/settling.ts'
import { fault } from '../helpers/step-store.ts'
import { cohortRoom } from './cohort-room.ts'

expectQuietProcess()

describe('the turns of a process', () => {
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
})
