import { describe, expect, test } from '@jest/globals'
import { engineRoom, GRACE, KEY, TTL, VALID } from '../helpers/engine-room.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { fulfilled, watch } from '../helpers/settling.ts'
import { fault } from '../helpers/step-store.ts'
import { sentOver, twoRooms } from './two-rooms.ts'

expectQuietProcess()

describe('handover', () => {
  test('ends the handle at once, without a command and without a loss', async () => {
    const { lock, clock, store, events } = await twoRooms()
    await clock.advance(1000)
    lock.handover()
    expect(lock.held).toBe(false)
    expect(lock.remaining).toBe(0)
    expect(await lock.release()).toBe(false)
    expect(await lock.extend()).toBe(false)
    expect(await lock.verify()).toBe(false)
    expect(() => lock.assertHeld()).toThrow(expect.objectContaining({ reason: 'released' }))
    expect(store.sent()).toHaveLength(1)
    expect(events.at(-1)).toEqual({ type: 'handed-over', name: 'n', heldMs: 1000 })
    await clock.advance(100_000)
    expect(lock.signal.aborted).toBe(false)
    expect(store.sent()).toHaveLength(1)
    expect(clock.armed).toEqual({ foreground: 0, background: 0 })
  })

  test('gives plain data that survives JSON, and nothing else', async () => {
    const { lock } = await twoRooms()
    const { token, fence } = lock
    const grant = lock.handover()
    expect(sentOver(grant)).toEqual({
      v: 1,
      name: 'n',
      token,
      fence,
      mode: 'exclusive',
      units: 1,
      capacity: 1,
      ttlMs: TTL,
    })
  })

  test('says nothing of a fence where there is none', async () => {
    const { locks, store } = engineRoom()
    store.next(fault.answer({ state: 'granted', remainingMs: 31_500 }))
    expect((await locks.acquire('n')).handover()).not.toHaveProperty('fence')
  })

  test('leaves the lease to the store: without an adoption it ends by itself', async () => {
    const { lock, clock, store, others } = await twoRooms()
    lock.handover()
    expect(store.remainingMs(KEY)).toBe(TTL + GRACE)
    expect(await others.tryAcquire('n')).toBeNull()
    await clock.advance(TTL + GRACE)
    expect(await others.tryAcquire('n')).not.toBeNull()
  })

  test('of a lock that is not held throws', async () => {
    const { lock, clock } = await twoRooms()
    const { lock: released } = await twoRooms()
    clock.block(VALID)
    expect(() => lock.handover()).toThrow(expect.objectContaining({ reason: 'expired' }))
    await released.release()
    expect(() => released.handover()).toThrow(expect.objectContaining({ code: 'LOCK_LOST' }))
  })

  test('is nothing that a close takes back', async () => {
    const { lock, locks, store, others } = await twoRooms()
    const grant = lock.handover()
    await locks.close()
    expect(store.sent('release')).toEqual([])
    expect((await others.adopt(grant)).held).toBe(true)
  })

  test('in the callback of a request is no loss, and its result stands', async () => {
    const { locks, others } = await twoRooms()
    const grant = await locks.request('m', (lock) => lock.handover())
    expect((await others.adopt(grant)).held).toBe(true)
  })

  test('does not undo itself when an extend under way comes to an end', async () => {
    const { lock, clock, store, others } = await twoRooms()
    store.next(fault.runLate(500), 'extend')
    const extended = watch(clock, lock.extend())
    await clock.settle()
    const adopted = await others.adopt(lock.handover())
    await clock.advance(500)
    expect(fulfilled(extended)).toBe(false)
    expect(lock.signal.aborted).toBe(false)
    expect(store.holders(KEY)).toEqual([adopted.token])
  })
})
