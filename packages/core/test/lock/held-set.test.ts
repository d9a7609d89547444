import { describe, expect, test } from '@jest/globals'
import { LockLostError } from '../../src/errors.ts'
import { engineRoom } from '../helpers/engine-room.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { fulfilled, rejectionOf, watch } from '../helpers/settling.ts'
import { fault } from '../helpers/step-store.ts'

expectQuietProcess()

const key = (name: string) => `locks:l1:{${name}}`
const A = key('a')
const B = key('b')
const C = key('c')

describe('a set of locks', () => {
  test('is held while all of them are, as long as the first to end', async () => {
    const { locks, clock } = engineRoom({ renew: false })
    const set = await locks.acquireAll(['a', 'b'])
    await set.locks[1]?.extend('5s')
    expect(set.remaining).toBe(set.locks[1]?.remaining)
    clock.block(5000)
    expect(set.held).toBe(false)
    expect(set.remaining).toBe(0)
    expect(() => set.assertHeld()).toThrow('lock b was lost')
  })

  test('is lost with the first, which is told, and the rest is released', async () => {
    const { locks, store, clock } = engineRoom()
    const set = await locks.acquireAll(['a', 'b', 'c'])
    expect(set.signal.aborted).toBe(false)
    store.forget(B)
    await clock.advance(10_000)
    expect(set.signal.reason).toBeInstanceOf(LockLostError)
    expect(set.signal.reason).toMatchObject({ reason: 'deleted' })
    expect(String(set.signal.reason)).toContain('lock b')
    for (const one of [A, B, C]) expect(store.holders(one)).toEqual([])
    expect(set.held).toBe(false)
    expect(() => set.assertHeld()).toThrow('lock b')
    expect(await set.release()).toBe(false)
  })

  test('extends and verifies all in parallel', async () => {
    const { locks, store, clock } = engineRoom()
    const set = await locks.acquireAll(['a', 'b'])
    store.requestMs = 100
    const extended = watch(clock, set.extend('1m'))
    const verified = watch(clock, set.verify())
    await clock.advance(100)
    expect(fulfilled(extended) && fulfilled(verified)).toBe(true)
    expect(set.remaining).toBeGreaterThan(58_000)
  })

  test.each(['extend', 'verify', 'release'] as const)(
    '%s is false if one is lost',
    async (what) => {
      const { locks, store } = engineRoom()
      const set = await locks.acquireAll(['a', 'b'])
      store.forget(A)
      expect(await set[what]()).toBe(false)
      expect(set.held).toBe(false)
      expect(set.signal.aborted).toBe(true)
      expect(store.holders(B)).toEqual([])
    },
  )

  test.each(['extend', 'verify', 'release'] as const)(
    '%s rejects without an answer, when all have been asked',
    async (what) => {
      const { locks, store } = engineRoom()
      const set = await locks.acquireAll(['a', 'b'])
      store.next(fault.reject(new Error('down')))
      const sent = store.log.length
      expect(await rejectionOf(set[what]())).toMatchObject({ code: 'STORE_UNAVAILABLE' })
      expect(store.log.slice(sent).map((command) => command.key)).toEqual(
        expect.arrayContaining([A, B]),
      )
      expect(set.signal.aborted).toBe(false)
    },
  )

  test('refuses a wrong ttl before anything is sent', async () => {
    const { locks, store } = engineRoom()
    const set = await locks.acquireAll(['a', 'b'])
    expect(await rejectionOf(set.extend(0))).toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(store.sent('extend')).toEqual([])
    expect(set.held).toBe(true)
  })

  test('is disposed of without an error', async () => {
    const { locks, store } = engineRoom()
    const set = await locks.acquireAll(['a', 'b'])
    store.next(fault.reject(new Error('down')), 'release')
    await set[Symbol.asyncDispose]()
    expect(set.held).toBe(false)
    expect(set.signal.aborted).toBe(false)
    expect(() => set.assertHeld()).toThrow('released by its holder')
  })
})
