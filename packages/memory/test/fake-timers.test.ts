import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals'
import { manualClock } from '@locks/core/testing'
import { createLocks, memoryStore } from '../src/index.ts'

// What docs/testing.md says about fake timers.
afterEach(() => {
  jest.useRealTimers()
})

describe('with Jest’s fake timers', () => {
  beforeEach(() => {
    jest.useFakeTimers()
  })

  test('a lock is renewed while time is moved asynchronously', async () => {
    const locks = createLocks(memoryStore(), { ttl: '30s' })
    const lock = await locks.acquire('n')
    await jest.advanceTimersByTimeAsync(300_000)
    expect(lock.held).toBe(true)
    expect(await lock.verify()).toBe(true)
  })

  test('a lock is lost at its deadline', async () => {
    const locks = createLocks(memoryStore(), { ttl: '30s', renew: false })
    const lock = await locks.acquire('n')
    await jest.advanceTimersByTimeAsync(29_000)
    expect(lock.signal.aborted).toBe(false)
    await jest.advanceTimersByTimeAsync(1000)
    expect(lock.signal.reason).toMatchObject({ code: 'LOCK_LOST', reason: 'expired' })
    expect(await locks.tryAcquire('n')).toBeNull() // the grace of the lease
    await jest.advanceTimersByTimeAsync(1500)
    expect(await locks.tryAcquire('n')).not.toBeNull()
  })

  test('a waiter is handed the lock, and one that waits too long gives up', async () => {
    const locks = createLocks(memoryStore())
    const lock = await locks.acquire('n')
    const impatient = locks.acquire('n', { wait: '2s' }).catch((error: unknown) => error)
    const patient = locks.acquire('n', { wait: '1m' })
    await jest.advanceTimersByTimeAsync(2000)
    expect(await impatient).toMatchObject({ code: 'LOCK_TIMEOUT' })
    await lock.release()
    expect((await patient).held).toBe(true)
  })

  test('time moved synchronously leaves no turn for a renewal: the lock is lost', async () => {
    const locks = createLocks(memoryStore(), { ttl: '30s' })
    const lock = await locks.acquire('n')
    jest.advanceTimersByTime(60_000)
    expect(lock.held).toBe(false)
  })

  test('a manual clock does not need the timers that were replaced', async () => {
    const clock = manualClock()
    const locks = createLocks(memoryStore({ clock }), { clock, renew: false, ttl: '5s' })
    const lock = await locks.acquire('n')
    await clock.advance(5000)
    expect(lock.held).toBe(false)
  })
})

test('timers without performance.now stand still: no lock is ever lost', async () => {
  jest.useFakeTimers({ doNotFake: ['performance'] })
  const lock = await createLocks(memoryStore(), { renew: false }).acquire('n')
  await jest.advanceTimersByTimeAsync(60_000)
  expect(lock.held).toBe(true)
})
