import { describe, expect, test } from '@jest/globals'
import type { AdoptOptions } from '../../src/lock/adopt.ts'
import { createLocks } from '../../src/lock/create-locks.ts'
import type { LockGrant } from '../../src/lock/lock-grant.ts'
import { GRACE, KEY, lossOf, TTL, VALID } from '../helpers/engine-room.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { rejectionOf, watch } from '../helpers/settling.ts'
import { fault } from '../helpers/step-store.ts'
import { sentOver, twoRooms } from './two-rooms.ts'

expectQuietProcess()

describe('adopt', () => {
  test('holds the lock from then on, with its fence and a token of its own', async () => {
    const { lock, clock, store, others } = await twoRooms()
    const { fence, token } = lock
    await clock.advance(5000)
    const adopted = await others.adopt(sentOver(lock.handover()))
    expect(adopted).toMatchObject({ name: 'n', fence, mode: 'exclusive', held: true })
    expect(adopted.token).not.toBe(token)
    expect(store.holders(KEY)).toEqual([adopted.token])
    expect(adopted.remaining).toBe(VALID)
    await clock.advance(100_000)
    expect(adopted.held).toBe(true)
    expect(await adopted.release()).toBe(true)
    expect(store.holders(KEY)).toEqual([])
  })

  test('works in the process that handed it over', async () => {
    const { lock, locks, events } = await twoRooms()
    const { fence } = lock
    expect((await locks.adopt(lock.handover())).held).toBe(true)
    expect(events.at(-1)).toEqual({ type: 'acquired', name: 'n', waitedMs: 0, fence })
  })

  test('is one command: an extend that changes the token', async () => {
    const { lock, store, others } = await twoRooms()
    await others.adopt(lock.handover())
    expect(store.sent().map(({ command }) => command)).toEqual(['acquire', 'extend'])
  })

  test('a second time is LOCK_LOST, and the first adopter keeps the lock', async () => {
    const { lock, locks, store, others } = await twoRooms()
    const grant = lock.handover()
    const adopted = await others.adopt(grant)
    expect(await rejectionOf(locks.adopt(grant))).toMatchObject({ code: 'LOCK_LOST' })
    expect(await rejectionOf(others.adopt(grant))).toMatchObject({ code: 'LOCK_LOST' })
    expect(store.holders(KEY)).toEqual([adopted.token])
    expect(await adopted.verify()).toBe(true)
  })

  test('that comes too late is LOCK_LOST, and re-creates nothing', async () => {
    const { lock, clock, store, others } = await twoRooms()
    const grant = lock.handover()
    await clock.advance(TTL + GRACE)
    const error = await rejectionOf(others.adopt(grant))
    expect(error).toMatchObject({ code: 'LOCK_LOST', reason: 'deleted' })
    expect(String(error)).not.toContain(grant.token)
    expect(store.holders(KEY)).toEqual([])
  })

  test('goes on with the ttl that the lock had, or with its own options', async () => {
    const { locks, store, others, clock } = await twoRooms()
    const first = await locks.acquire('m', { ttl: '7s' })
    const second = await others.adopt(first.handover())
    expect(store.remainingMs('locks:l1:{m}')).toBe(7350)
    const options: AdoptOptions = { ttl: '2s', grace: 100, renew: false, maxHold: '1s' }
    const third = await locks.adopt(second.handover(), options)
    expect(store.remainingMs('locks:l1:{m}')).toBe(2100)
    expect(third.remaining).toBe(1000)
    await clock.advance(1000)
    expect(lossOf(third)).toBe('max-hold')
  })

  test.each([
    ['its request is lost', fault.dropRequest],
    ['its reply is lost', fault.dropReply],
    ['its request comes late', fault.runLateUnseen(2500)],
    ['it is refused as late', fault.answer({ state: 'late', storeNowMs: 0 })],
    ['its connection breaks', fault.reject(new Error('reset'))],
  ])('without an answer gives both tokens back: %s', async (_what, one) => {
    const { lock, clock, store, others } = await twoRooms()
    store.tellsTime = false
    const grant = lock.handover()
    store.next(one, 'extend')
    const adopted = watch(clock, others.adopt(grant))
    await clock.advance(2000)
    expect(adopted.error).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await clock.advance(2000)
    expect(store.holders(KEY)).toEqual([])
    expect(store.sent('release').map(({ token }) => token)).toContain(grant.token)
  })

  test('without an answer gives back what lasts longer than the adopter asked for', async () => {
    const { lock, clock, store, others } = await twoRooms()
    await lock.extend('60s')
    const grant = lock.handover()
    store.standingFault = fault.reject(new Error('down'))
    const adopted = watch(clock, others.adopt(grant, { ttl: '1s' }))
    await clock.advance(20_000)
    expect(adopted.error).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(store.holders(KEY)).toEqual([grant.token])
    store.standingFault = undefined
    await clock.advance(2000)
    expect(store.holders(KEY)).toEqual([])
  })

  test('answered with nothing left gives the lease back', async () => {
    const { lock, clock, store, others } = await twoRooms()
    store.next(fault.slowReply(1900), 'extend')
    const adopted = watch(clock, others.adopt(lock.handover(), { ttl: '1s' }))
    await clock.advance(1900)
    expect(adopted.error).toMatchObject({ code: 'LOCK_LOST', reason: 'expired' })
    expect(store.sent('release')).toHaveLength(1)
    expect(store.holders(KEY)).toEqual([])
  })

  test('ends when its locks are closed, and is refused after that', async () => {
    const { lock, clock, store, others } = await twoRooms()
    const grant = lock.handover()
    store.next(fault.slowReply(500), 'extend')
    const adopted = watch(clock, others.adopt(grant))
    await clock.settle()
    await others.close()
    expect(adopted.error).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await clock.advance(600)
    expect(store.holders(KEY)).toEqual([])
    const sent = store.sent().length
    expect(await rejectionOf(others.adopt(grant))).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(store.sent()).toHaveLength(sent)
  })

  test('finds the lock under the prefix of its own locks only', async () => {
    const { lock, clock, store } = await twoRooms()
    const elsewhere = createLocks(store, { clock, prefix: 'other' })
    const grant = lock.handover()
    expect(await rejectionOf(elsewhere.adopt(grant))).toMatchObject({ code: 'LOCK_LOST' })
    expect(store.holders(KEY)).toEqual([grant.token])
  })

  const good: LockGrant = {
    v: 1,
    name: 'n',
    token: 'token-9',
    mode: 'exclusive',
    units: 1,
    capacity: 1,
    ttlMs: 1000,
  }

  test.each([
    undefined,
    null,
    'grant',
    {},
    { ...good, v: 2 },
    { ...good, name: '' },
    { ...good, name: 'n}{' },
    { ...good, name: 'a b' },
    { ...good, name: ['n'] },
    { ...good, name: 'n'.repeat(161) },
    { ...good, token: '' },
    { ...good, token: 'two words' },
    { ...good, token: 7 },
    { ...good, fence: '5' },
    { ...good, fence: -1 },
    { ...good, fence: 1.5 },
    { ...good, mode: 'both' },
    { ...good, units: 2 },
    { ...good, units: 0 },
    { ...good, capacity: 2 ** 31 + 1 },
    { ...good, ttlMs: 0 },
    { ...good, ttlMs: 2 ** 31 },
    { ...good, ttlMs: Number.NaN },
  ])('refuses what no handover made: %j', async (grant) => {
    const { others, store } = await twoRooms()
    const error = await rejectionOf(others.adopt(grant as LockGrant))
    expect(error).toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(store.sent()).toHaveLength(1)
  })

  test.each([null, { ttl: 0 }, { ttl: null }, { renew: 1 }, { maxHold: -1 }, { grace: 'no' }])(
    'refuses the options %j before anything is sent',
    async (options) => {
      const { others, store, lock } = await twoRooms()
      const grant = lock.handover()
      const error = await rejectionOf(others.adopt(grant, options as AdoptOptions))
      expect(error).toMatchObject({ code: 'INVALID_ARGUMENT' })
      expect(store.sent()).toHaveLength(1)
      expect((await others.adopt(grant)).held).toBe(true)
    },
  )
})
