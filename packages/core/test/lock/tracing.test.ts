import { createHash } from 'node:crypto'
import { subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel'
import { afterEach, describe, expect, jest, test } from '@jest/globals'
import { createLocks, type LocksOptions } from '../../src/lock/create-locks.ts'
import { engineRoom, KEY, VALID } from '../helpers/engine-room.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { rejectionOf, watch } from '../helpers/settling.ts'
import { fault } from '../helpers/step-store.ts'

expectQuietProcess()

const OPERATIONS = ['acquire', 'hold', 'renew', 'release'] as const
const hashed = (name: string) => createHash('sha256').update(name).digest('hex').slice(0, 16)

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

/** Listens to everything; what it heard, as it was at that time. */
function listen(): [step: string, message: Record<string, unknown>][] {
  const heard: [string, Record<string, unknown>][] = []
  const hear = (step: string) => (message: unknown) =>
    heard.push([step, { ...(message as object) }])
  for (const operation of OPERATIONS) {
    const listeners = {
      start: hear(`${operation} start`),
      end: () => {},
      asyncStart: () => {},
      asyncEnd: hear(`${operation} end`),
      error: hear(`${operation} error`),
    }
    const channel = tracingChannel(`locks:${operation}`)
    channel.subscribe(listeners)
    ends.push(() => channel.unsubscribe(listeners))
  }
  const lost = hear('lost')
  subscribe('locks:lost', lost)
  ends.push(() => unsubscribe('locks:lost', lost))
  return heard
}

const plain: LocksOptions = { traceNames: 'plain' }

describe('the tracing channels', () => {
  test('tell of an acquisition, its hold and its release', async () => {
    const heard = listen()
    const { locks, clock } = engineRoom(plain)
    const lock = await locks.acquire('n')
    const { fence } = lock
    await clock.advance(1000)
    await lock.release()
    const about = { name: 'n', mode: 'exclusive', ttlMs: 30_000, waitMs: 10_000 }
    expect(heard).toEqual([
      ['acquire start', about],
      ['acquire end', { ...about, acquired: true, fence, result: undefined }],
      ['hold start', { name: 'n', fence }],
      ['hold end', { name: 'n', fence, end: 'released', heldMs: 1000 }],
      ['release start', { name: 'n', coolDownMs: 0 }],
      ['release end', { name: 'n', coolDownMs: 0, released: true, result: undefined }],
    ])
  })

  test('tell of renewals and of extends', async () => {
    const { locks, clock } = engineRoom(plain)
    const lock = await locks.acquire('n')
    const heard = listen()
    await clock.advance(12_000)
    await lock.extend('1m')
    expect(heard).toEqual([
      ['renew start', { name: 'n', ttlMs: 30_000 }],
      ['renew end', { name: 'n', ttlMs: 30_000, extended: true, result: undefined }],
      ['renew start', { name: 'n', ttlMs: 60_000 }],
      ['renew end', { name: 'n', ttlMs: 60_000, extended: true, result: undefined }],
    ])
  })

  test('tell of a loss, by the clock and with its reason', async () => {
    const heard = listen()
    const { locks, clock } = engineRoom({ ...plain, renew: false })
    const { fence, signal } = await locks.acquire('n')
    await clock.advance(VALID)
    expect(heard.slice(-3)).toEqual([
      ['lost', { name: 'n', reason: 'expired' }],
      ['hold error', { name: 'n', fence, end: 'lost', heldMs: VALID, error: signal.reason }],
      ['hold end', { name: 'n', fence, end: 'lost', heldMs: VALID, error: signal.reason }],
    ])
  })

  test('tell of what fails, and of a try that found the lock held', async () => {
    const heard = listen()
    const { locks, clock, store } = engineRoom(plain)
    await locks.acquire('n')
    await locks.tryAcquire('n')
    expect(heard.at(-1)).toMatchObject(['acquire end', { acquired: false }])
    store.next(fault.dropRequest)
    const tried = watch(clock, locks.tryAcquire('n'))
    await clock.advance(2000)
    expect(heard.slice(-2)).toMatchObject([
      ['acquire error', { error: tried.error }],
      ['acquire end', { error: tried.error }],
    ])
  })

  test('tell of a hand-over and of an adoption', async () => {
    const heard = listen()
    const { locks } = engineRoom(plain)
    const lock = await locks.acquire('n')
    await locks.adopt(lock.handover())
    expect(heard.map(([step]) => step)).toEqual([
      'acquire start',
      'acquire end',
      'hold start',
      'hold end',
      'acquire start',
      'acquire end',
      'hold start',
    ])
    expect(heard[3]?.[1]).toMatchObject({ end: 'handed-over' })
  })

  test('name locks by a hash, unless told otherwise', async () => {
    const heard = listen()
    const { locks } = engineRoom()
    const lock = await locks.acquire('user 7')
    await lock.release()
    expect(new Set(heard.map(([, { name }]) => name))).toEqual(new Set([hashed('user%207')]))
  })

  test('carry no token, whatever happens', async () => {
    const heard = listen()
    const { locks, clock, store } = engineRoom()
    const lock = await locks.acquire('n')
    await lock.extend()
    const next = await locks.adopt(lock.handover())
    store.forget(KEY)
    await next.extend()
    await rejectionOf((async () => next.assertHeld())())
    await clock.advance(1000)
    expect(heard.length).toBeGreaterThan(10)
    const { inspect } = await import('node:util')
    expect(inspect(heard, { depth: 10, showHidden: true })).not.toMatch(/token-/)
  })

  test('change neither results nor errors', async () => {
    listen()
    const { locks, store } = engineRoom()
    const lock = await locks.acquire('n')
    expect(await lock.extend()).toBe(true)
    expect(await locks.tryAcquire('n')).toBeNull()
    const error = await rejectionOf(locks.acquire('n', { wait: 0 }))
    expect(error).toMatchObject({ code: 'LOCK_TIMEOUT' })
    expect(await lock.release()).toBe(true)
    expect(store.holders(KEY)).toEqual([])
  })

  test('cost nothing while nobody listens: no name is hashed', async () => {
    const { locks, clock } = engineRoom()
    const { Tracing } = await import('../../src/lock/tracing.ts')
    const label = jest.spyOn(Tracing.prototype, 'label')
    ends.push(() => label.mockRestore())
    const lock = await locks.acquire('n')
    await clock.advance(12_000)
    await lock.release()
    const lost = await locks.acquire('n', { renew: false })
    await clock.advance(100_000)
    expect(lost.held).toBe(false)
    expect(label).not.toHaveBeenCalled()
  })

  test.each(['Plain', '', null, true])('refuse %p as a kind of names', (traceNames) => {
    const { store } = engineRoom()
    const wrong = () => createLocks(store, { traceNames } as never)
    expect(wrong).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }))
  })
})
