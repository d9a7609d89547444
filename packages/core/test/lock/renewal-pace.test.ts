import { describe, expect, test } from '@jest/globals'
import type { LocksOptions } from '../../src/lock/create-locks.ts'
import { KEY, VALID } from '../helpers/engine-room.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { fulfilled, watch } from '../helpers/settling.ts'
import { fault } from '../helpers/step-store.ts'
import { DUE, renewedRoom } from './renewed-room.ts'

expectQuietProcess()

describe('a lock that its owner extended far', () => {
  test('is not renewed before it is due, and never made shorter by it', async () => {
    const { clock, store, lock } = await renewedRoom()
    await lock.extend('10m')
    const farMs = lock.remaining
    await clock.advance(farMs - 20_000 - 1)
    expect(store.sent('extend')).toHaveLength(1)
    await clock.advance(1)
    expect(store.sent('extend')).toHaveLength(2)
    expect(lock.remaining).toBe(VALID)
  })

  test('is not made shorter by a renewal that was under way', async () => {
    const { clock, store, lock } = await renewedRoom()
    store.next(fault.slowReply(100), 'extend')
    await clock.advance(DUE)
    const extended = watch(clock, lock.extend('10m'))
    await clock.advance(100)
    expect(fulfilled(extended)).toBe(true)
    expect(lock.remaining).toBeGreaterThan(590_000)
  })

  test('is not made shorter by a renewal that falls due while the extend is under way', async () => {
    const { clock, store, lock } = await renewedRoom()
    await clock.advance(DUE - 50)
    store.next(fault.slowReply(100), 'extend')
    const extended = watch(clock, lock.extend('10m'))
    await clock.advance(100)
    expect(fulfilled(extended)).toBe(true)
    expect(lock.remaining).toBeGreaterThan(590_000)
    expect(store.remainingMs(KEY)).toBeGreaterThan(590_000)
  })
})

describe('renewing never spins:', () => {
  const perMinute = async (room: Awaited<ReturnType<typeof renewedRoom>>) => {
    const before = room.store.sent('extend').length
    await room.clock.advance(60_000)
    return room.store.sent('extend').length - before
  }

  test('when an extend without an answer may have moved the end nearer', async () => {
    const room = await renewedRoom()
    room.store.next(fault.dropRequest, 'extend')
    watch(room.clock, room.lock.extend('25s'))
    await room.clock.settle()
    room.store.requestMs = 1
    expect(await perMinute(room)).toBeLessThan(30)
  })

  test.each<[string, LocksOptions, number]>([
    ['a short ttl', { ttl: 7 }, 60_000 / 2],
    ['a grace that is long for its ttl', { ttl: '1s', grace: '40s' }, 60 * 8],
  ])('with %s', async (_what, options, most) => {
    const room = await renewedRoom(options)
    room.store.requestMs = 1
    expect(await perMinute(room)).toBeLessThan(most)
    expect(room.lock.held).toBe(true)
  })

  test('when the store grants less than it was asked for', async () => {
    const room = await renewedRoom({ ttl: '30s' })
    room.store.extend = async (request) => {
      room.store.log.push({ command: 'extend', ...request } as never)
      await new Promise<void>((resolve) => room.clock.after(1, resolve))
      return { state: 'extended', remainingMs: 15_000 }
    }
    expect(await perMinute(room)).toBeLessThan(60)
  })
})
