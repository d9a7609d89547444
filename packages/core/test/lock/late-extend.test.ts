import { describe, expect, test } from '@jest/globals'
import { engineRoom, GRACE, KEY, lossOf, VALID } from '../helpers/engine-room.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { watch } from '../helpers/settling.ts'
import { type Fault, fault } from '../helpers/step-store.ts'
import { lockRoom } from './lock-room.ts'

expectQuietProcess()

/** Two milliseconds before the end of a lock, an extend of which `one` becomes. */
async function extendedLastMoment(one: Fault) {
  const room = await lockRoom()
  await room.clock.advance(VALID - 2)
  room.store.next(one, 'extend')
  const extended = watch(room.clock, room.lock.extend())
  return { ...room, extended }
}

describe('an extend that is answered when the lease is lost', () => {
  test('is false, and what it has kept is given back after the grace', async () => {
    const { lock, clock, store, extended } = await extendedLastMoment(fault.slowReply(500))
    await clock.advance(2)
    expect(lossOf(lock)).toBe('expired')
    await clock.advance(498)
    expect(extended.value).toBe(false)
    expect(lock.held).toBe(false)
    await clock.advance(GRACE - 1)
    expect(store.holders(KEY)).toEqual([lock.token])
    await clock.advance(1)
    expect(store.holders(KEY)).toEqual([])
    expect(store.sent('release')).toHaveLength(1)
  })

  test('behind its own deadline too', async () => {
    const { lock, clock, store, extended } = await extendedLastMoment(fault.slowReply(4000))
    await clock.advance(4000)
    expect(extended.state).toBe('rejected')
    expect(store.holders(KEY)).toEqual([lock.token])
    await clock.advance(GRACE)
    expect(store.holders(KEY)).toEqual([])
  })

  test('gives nothing back when it has found nothing', async () => {
    const { lock, clock, store } = await extendedLastMoment(fault.runLate(500))
    store.forget(KEY)
    await clock.advance(60_000)
    expect(store.sent('extend')[0]?.reply).toMatchObject({ state: 'absent' })
    expect(lossOf(lock)).toBe('expired')
    expect(store.sent('release')).toEqual([])
  })

  test('leaves alone what somebody else has by then', async () => {
    const { clock, store } = await extendedLastMoment(fault.slowReply(500))
    await clock.settle()
    store.forget(KEY)
    store.occupy(KEY, 'next', 60_000)
    await clock.advance(500 + GRACE)
    expect(store.holders(KEY)).toEqual(['next'])
  })

  test('is undone until the store confirms', async () => {
    const { clock, store } = await extendedLastMoment(fault.slowReply(500))
    store.next(fault.dropRequest, 'release')
    await clock.advance(500 + GRACE + 5000)
    expect(store.sent('release').length).toBeGreaterThan(1)
    expect(store.holders(KEY)).toEqual([])
    const sent = store.sent().length
    await clock.advance(60_000)
    expect(store.sent()).toHaveLength(sent)
  })
})

describe('an extend that is answered behind its deadline, before the lease is lost', () => {
  test('is not believed, so what it has kept is given back after loss and grace', async () => {
    const { lock, clock, store } = await lockRoom()
    store.next(fault.slowReply(5000), 'extend')
    const extended = watch(clock, lock.extend('10m'))
    await clock.advance(VALID)
    expect(extended.state).toBe('rejected')
    expect(lossOf(lock)).toBe('expired')
    await clock.advance(GRACE - 1)
    expect(store.holders(KEY)).toEqual([lock.token])
    await clock.advance(1)
    expect(store.holders(KEY)).toEqual([])
  })
})

describe('an extend that is answered when its holder has ended the lease', () => {
  test('gives nothing back a second time after a release', async () => {
    const { lock, clock, store } = await extendedLastMoment(fault.slowReply(500))
    expect(await lock.release()).toBe(true)
    await clock.advance(60_000)
    expect(store.sent('release')).toHaveLength(1)
  })

  test('leaves a cool-down in the store', async () => {
    const { lock, clock, store } = await extendedLastMoment(fault.slowReply(500))
    const released = watch(clock, lock.release({ after: VALID + 20_000 }))
    await clock.advance(500 + GRACE)
    expect(released.value).toBe(true)
    expect(store.holders(KEY)).toEqual([lock.token])
    expect(store.sent('release')).toEqual([])
  })

  test('leaves the lease to its adopter', async () => {
    const { lock, clock, store } = await extendedLastMoment(fault.slowReply(500))
    lock.handover()
    await clock.advance(500 + GRACE)
    expect(store.holders(KEY)).toEqual([lock.token])
    expect(store.sent('release')).toEqual([])
  })
})

describe('a renewal under way when a stall outlasts the lease', () => {
  test('gives back what it has kept', async () => {
    const { locks, clock, store } = engineRoom({ grace: 0 })
    const lock = await locks.acquire('n')
    await clock.advance(9000)
    store.next(fault.slowReply(1500), 'extend')
    await clock.advance(1000)
    expect(store.sent('extend')).toHaveLength(1)
    clock.block(VALID)
    await clock.settle()
    expect(lossOf(lock)).toBe('unreachable')
    await clock.advance(1)
    expect(store.holders(KEY)).toEqual([])
  })
})
