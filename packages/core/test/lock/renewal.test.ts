import { describe, expect, test } from '@jest/globals'
import { GRACE, KEY, lossOf, TTL, VALID } from '../helpers/engine-room.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { fulfilled, watch } from '../helpers/settling.ts'
import { type Fault, fault } from '../helpers/step-store.ts'
import { DUE, renewedRoom } from './renewed-room.ts'

expectQuietProcess()

describe('a renewal', () => {
  test('is sent at a third of the ttl, by the lock’s own ttl + grace [C59]', async () => {
    const { clock, store, extendedAt } = await renewedRoom()
    expect(DUE).toBeGreaterThan(TTL / 3 - 500)
    expect(DUE).toBeLessThan(TTL / 3)
    await clock.advance(DUE - 1)
    expect(extendedAt()).toEqual([])
    await clock.advance(1)
    expect(extendedAt()).toEqual([DUE])
    expect(store.sent('extend')[0]?.ttlMs).toBe(TTL + GRACE)
  })

  test('keeps the lock for as long as it takes, with three commands per ttl', async () => {
    const { clock, store, lock, events } = await renewedRoom()
    store.requestMs = 2
    store.replyMs = 2
    await clock.advance(3_600_000)
    expect(lock.held).toBe(true)
    expect(lock.signal.aborted).toBe(false)
    expect(store.sent('extend').length).toBeLessThan(380)
    const renewed = events.filter(({ type }) => type === 'renewed')
    expect(renewed).toHaveLength(store.sent('extend').length)
  })

  test('is not sent when the lock does without: it ends after its ttl', async () => {
    const { clock, store, lock } = await renewedRoom({ renew: false })
    await clock.advance(TTL)
    expect(store.sent('extend')).toEqual([])
    expect(lock.held).toBe(false)
  })

  test('without an answer is repeated with a back-off, from ttl/30 to ttl/6', async () => {
    const { clock, store, lock, extendedAt } = await renewedRoom()
    store.standingFault = fault.reject(new Error('down'))
    await clock.advance(VALID - 1)
    const [first, second, third, fourth, ...more] = extendedAt().map((ms) => ms - DUE)
    expect([first, second, third, fourth]).toEqual([0, 1000, 3000, 7000])
    expect(more).toEqual([12_000, 17_000])
    expect(lock.held).toBe(true)
  })

  test('that is answered again goes on as if nothing had been', async () => {
    const { clock, store, lock, extendedAt } = await renewedRoom()
    for (let n = 0; n < 3; n++) store.next(fault.reject(new Error('down')), 'extend')
    await clock.advance(DUE + 7000)
    expect(extendedAt()).toHaveLength(4)
    expect(lock.remaining).toBe(VALID)
    await clock.advance(DUE - 1)
    expect(extendedAt()).toHaveLength(4)
    store.next(fault.reject(new Error('down')), 'extend')
    await clock.advance(1 + 999)
    expect(extendedAt()).toHaveLength(5)
    await clock.advance(1)
    expect(extendedAt()).toHaveLength(6)
  })

  test('that fails is told to the listener', async () => {
    const { clock, store, events } = await renewedRoom()
    store.next(fault.reject(new Error('down')), 'extend')
    await clock.advance(DUE)
    expect(events.at(-1)).toMatchObject({ type: 'store-error', name: 'n' })
  })

  const dead: [string, Fault][] = [
    ['swallows everything', fault.dropRequest],
    ['swallows every reply', fault.dropReply],
    ['rejects everything', fault.reject(new Error('ECONNREFUSED'))],
    ['throws', fault.throwSync(new Error('not connected'))],
    ['refuses every command as late', fault.answer({ state: 'late', storeNowMs: 3_500_000 })],
  ]

  test.each(dead)('cannot save a lock whose store %s: unreachable', async (_what, one) => {
    const { clock, store, lock } = await renewedRoom()
    const { signal } = lock
    store.standingFault = one
    await clock.advance(VALID - 1)
    expect(signal.aborted).toBe(false)
    expect(lock.held).toBe(true)
    await clock.advance(1)
    expect(signal.aborted).toBe(true)
    expect(lossOf(lock)).toBe('unreachable')
    const sent = store.sent().length
    await clock.advance(100_000)
    expect(store.sent()).toHaveLength(sent)
  })

  // The first renewal has had no answer yet when the lease ends: the store is what is missing.
  test('that still waits for its first answer when the lease ends is unreachable', async () => {
    const { clock, store, lock } = await renewedRoom({ ttl: '2s', storeTimeout: '2s' })
    store.standingFault = fault.dropRequest
    await clock.advance(2000)
    expect(store.sent('extend')).toHaveLength(1)
    expect(lossOf(lock)).toBe('unreachable')
  })

  test.each(['deleted', 'stolen'])(
    'that finds the lock %s ends it at once [C60]',
    async (reason) => {
      const { clock, store, lock } = await renewedRoom()
      const { signal } = lock
      store.forget(KEY)
      if (reason === 'stolen') store.occupy(KEY, 'thief', 60_000)
      await clock.advance(DUE)
      expect(signal.aborted).toBe(true)
      expect(lock.held).toBe(false)
      expect(lossOf(lock)).toBe(reason)
    },
  )

  test('never resurrects a lost lock, and is the last one sent [C58]', async () => {
    const { clock, store } = await renewedRoom()
    store.forget(KEY)
    await clock.advance(200_000)
    expect(store.sent().map(({ command }) => command)).toEqual(['acquire', 'extend'])
    expect(store.holders(KEY)).toEqual([])
  })

  test('is not sent after a stall that outlasted the lease', async () => {
    const { clock, store, lock } = await renewedRoom()
    clock.block(VALID)
    await clock.advance(100_000)
    expect(store.sent('extend')).toEqual([])
    expect(lossOf(lock)).toBe('expired')
  })

  test('is sent late after a stall that did not outlast the lease', async () => {
    const { clock, store, lock } = await renewedRoom()
    clock.block(VALID - 1)
    await clock.settle()
    expect(store.sent('extend')).toHaveLength(1)
    expect(lock.remaining).toBe(VALID)
  })

  test('is not sent after a release, and not between its sending and its answer [C59]', async () => {
    const { clock, store, lock } = await renewedRoom()
    await clock.advance(DUE - 1)
    store.next(fault.slowReply(1000), 'release')
    const released = watch(clock, lock.release())
    await clock.advance(100_000)
    expect(fulfilled(released)).toBe(true)
    expect(store.sent('extend')).toEqual([])
    expect(clock.armed).toEqual({ foreground: 0, background: 0 })
  })

  test('under way when the lock is released changes nothing any more', async () => {
    const { clock, store, lock, events } = await renewedRoom()
    store.next(fault.slowReply(500), 'extend')
    await clock.advance(DUE)
    expect(await lock.release()).toBe(true)
    await clock.advance(100_000)
    expect(store.holders(KEY)).toEqual([])
    expect(store.sent().map(({ command }) => command)).toEqual(['acquire', 'extend', 'release'])
    expect(events.map(({ type }) => type)).toEqual(['acquired', 'released'])
  })

  test('that fails after the release is no news', async () => {
    const { clock, store, lock, events } = await renewedRoom()
    store.next(fault.dropReply, 'extend')
    await clock.advance(DUE)
    await lock.release()
    await clock.advance(100_000)
    expect(store.sent('extend')).toHaveLength(1)
    expect(events.map(({ type }) => type)).toEqual(['acquired', 'released'])
  })

  test('that runs late, after the release, does not bring the lease back', async () => {
    const { clock, store, lock } = await renewedRoom()
    store.next(fault.runLate(1000), 'extend')
    await clock.advance(DUE)
    await lock.release()
    await clock.advance(1000)
    expect(store.sent('extend')[0]?.reply).toMatchObject({ state: 'absent' })
    expect(store.holders(KEY)).toEqual([])
  })
})
