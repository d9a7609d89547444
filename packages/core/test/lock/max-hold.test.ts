import { describe, expect, test } from '@jest/globals'
import { engineRoom, GRACE, KEY, lossOf, TTL, VALID } from '../helpers/engine-room.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { fault } from '../helpers/step-store.ts'

expectQuietProcess()

describe('a lock with maxHold', () => {
  test('is lost and given back that long after its acquisition, however often it was renewed', async () => {
    const { locks, clock, store, events } = engineRoom({ maxHold: '100s' })
    const lock = await locks.acquire('n')
    await clock.advance(99_999)
    expect(lock.held).toBe(true)
    expect(store.sent('extend').length).toBeGreaterThan(8)
    await clock.advance(1)
    expect(lock.held).toBe(false)
    expect(lossOf(lock)).toBe('max-hold')
    expect(events.at(-1)).toEqual({ type: 'lost', name: 'n', reason: 'max-hold' })
    expect(store.holders(KEY)).toEqual([])
    expect(await lock.release()).toBe(false)
    expect(clock.armed).toEqual({ foreground: 0, background: 0 })
  })

  test('has no more left than that, however far it is extended', async () => {
    const { locks, clock, store } = engineRoom({ renew: false })
    const lock = await locks.acquire('n', { maxHold: '40s' })
    expect(lock.remaining).toBe(VALID)
    expect(await lock.extend('10m')).toBe(true)
    expect(lock.remaining).toBe(40_000)
    await clock.advance(40_000)
    expect(lossOf(lock)).toBe('max-hold')
    expect(store.holders(KEY)).toEqual([])
  })

  test('counts from the acquisition, not from the wait for it', async () => {
    const { locks, clock, store } = engineRoom({ maxHold: '5s' })
    store.next(fault.slowReply(1500))
    const acquired = locks.acquire('n')
    await clock.advance(1500)
    expect((await acquired).remaining).toBe(5000)
  })

  test('is given back until the store has heard of it', async () => {
    const { locks, clock, store } = engineRoom({ maxHold: '5s' })
    const lock = await locks.acquire('n')
    store.next(fault.dropRequest, 'release')
    await clock.advance(5000)
    expect(lossOf(lock)).toBe('max-hold')
    expect(store.holders(KEY)).toEqual([lock.token])
    await clock.advance(2000 + 50)
    expect(store.holders(KEY)).toEqual([])
  })

  test('is over by the clock, right after a stall', async () => {
    const { locks, clock } = engineRoom({ maxHold: '5s' })
    const lock = await locks.acquire('n')
    clock.block(5000)
    expect(lock.held).toBe(false)
    expect(lossOf(lock)).toBe('max-hold')
  })

  test('that ends sooner has expired', async () => {
    const { locks, clock, store } = engineRoom({ maxHold: '1m', renew: false })
    const lock = await locks.acquire('n')
    await clock.advance(VALID)
    expect(lossOf(lock)).toBe('expired')
    expect(store.remainingMs(KEY)).toBe(TTL + GRACE - VALID)
    expect(store.sent('release')).toEqual([])
  })
})
