import { describe, expect, test } from '@jest/globals'
import { StoreUnavailableError } from '../../src/errors.ts'
import { engineRoom, KEY, lossOf, VALID } from '../helpers/engine-room.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { fulfilled, rejectionOf, watch } from '../helpers/settling.ts'
import { type Fault, fault } from '../helpers/step-store.ts'
import { lockRoom } from './lock-room.ts'

expectQuietProcess()

describe('verify', () => {
  test('tells the holder from everybody else, and inspect a held name from a free one [C56] [C57]', async () => {
    const { locks, store } = engineRoom({ renew: false })
    const isLocked = async () => (await locks.inspect('n')).holders.length > 0
    expect(await isLocked()).toBe(false)
    const lock = await locks.acquire('n')
    expect(await isLocked()).toBe(true)
    expect(await lock.verify()).toBe(true)
    await lock.release()
    expect(await isLocked()).toBe(false)
    const next = await locks.acquire('n')
    expect(await lock.verify()).toBe(false)
    expect(await next.verify()).toBe(true)
    expect(store.holders(KEY)).toEqual([next.token])
  })

  test('asks the store, in one command [C57]', async () => {
    const { lock, store } = await lockRoom()
    expect(await lock.verify()).toBe(true)
    expect(store.sent('inspect')).toHaveLength(1)
    expect(lock.held).toBe(true)
  })

  test.each(['deleted', 'stolen'])('finds the lock %s: it is lost at once', async (reason) => {
    const { lock, store } = await lockRoom()
    store.forget(KEY)
    if (reason === 'stolen') store.occupy(KEY, 'thief', 60_000)
    expect(await lock.verify()).toBe(false)
    expect(lock.held).toBe(false)
    expect(lossOf(lock)).toBe(reason)
  })

  test('of a lost or released lock is false, without a command', async () => {
    const { lock, store } = await lockRoom()
    await lock.release()
    expect(await lock.verify()).toBe(false)
    expect(store.sent('inspect')).toEqual([])
  })

  test('that outlasts the lock is false, whatever the store says', async () => {
    const { lock, clock, store } = await lockRoom()
    await clock.advance(VALID - 100)
    store.next(fault.slowReply(200))
    const verified = watch(clock, lock.verify())
    await clock.advance(200)
    expect(fulfilled(verified)).toBe(false)
    expect(lossOf(lock)).toBe('expired')
  })

  test('that outlasts a release takes nothing for a loss', async () => {
    const { lock, clock, store, events } = await lockRoom()
    store.next(fault.runLate(200), 'inspect')
    const verified = watch(clock, lock.verify())
    await clock.settle()
    await lock.release()
    await clock.advance(200)
    expect(fulfilled(verified)).toBe(false)
    expect(lock.signal.aborted).toBe(false)
    expect(events.map(({ type }) => type)).toEqual(['acquired', 'released'])
  })

  test.each<[string, Fault]>([
    ['lost', fault.dropRequest],
    ['rejected', fault.reject(new Error('reset'))],
    ['refused by a throw', fault.throwSync(new Error('not connected'))],
  ])('without an answer rejects and changes nothing: %s', async (_what, one) => {
    const { lock, clock, store } = await lockRoom()
    store.next(one)
    const verified = watch(clock, lock.verify())
    await clock.advance(2000)
    expect(verified.error).toBeInstanceOf(StoreUnavailableError)
    expect(lock.held).toBe(true)
  })
})

describe('no error', () => {
  test('carries a token, a credential or a client of the store', async () => {
    const { inspect } = await import('node:util')
    const { locks, lock, store, clock } = await lockRoom()
    const client = { password: 'TOPSECRET' }
    const down = Object.assign(new Error('redis://u:TOPSECRET@host: down'), { client })
    store.standingFault = fault.reject(down)
    const timedOut = rejectionOf(locks.acquire('n', { wait: 10 }))
    const errors = [
      rejectionOf(lock.extend()),
      rejectionOf(lock.verify()),
      rejectionOf(locks.tryAcquire('n')),
      timedOut,
    ]
    await clock.advance(100)
    store.standingFault = undefined
    errors.push(rejectionOf(locks.acquire('n', { wait: 0 })))
    store.forget(KEY)
    await lock.extend()
    errors.push(rejectionOf((async () => lock.assertHeld())()))
    for (const error of await Promise.all(errors)) {
      const seen = inspect(error, { depth: 10, showHidden: true })
      expect(seen).not.toMatch(/TOPSECRET|token-/)
      expect(seen).toContain('code:')
    }
  })
})
