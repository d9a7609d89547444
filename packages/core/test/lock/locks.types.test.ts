import { describe, expect, test } from '@jest/globals'
import type { Lock } from '../../src/lock/lock.ts'
import type { Locks } from '../../src/lock/locks.ts'
import { engineRoom, KEY } from '../helpers/engine-room.ts'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false

/** Fails to compile unless `A` is exactly `B`: `tsc` runs this test. */
function sameType<A, B>(_proof: Same<A, B>): void {}

describe('request', () => {
  test('infers the result of its callback', async () => {
    const { locks } = engineRoom()
    const text = locks.request('n', () => 'done')
    sameType<typeof text, Promise<string>>(true)
    const count = locks.request('m', async () => 5)
    sameType<typeof count, Promise<number>>(true)
    const nothing = locks.request('o', () => {})
    sameType<typeof nothing, Promise<void>>(true)
    const rows = locks.request('p', { ttl: '1m' }, async () => [{ id: 1 }])
    sameType<typeof rows, Promise<{ id: number }[]>>(true)
    const either = locks.request('q', {}, (lock) => (lock.held ? 'held' : 0))
    sameType<typeof either, Promise<'held' | 0>>(true)
    expect(await Promise.all([text, count, nothing, rows, either])).toEqual([
      'done',
      5,
      undefined,
      [{ id: 1 }],
      'held',
    ])
  })

  test('gives its callback a lock', async () => {
    const { locks } = engineRoom()
    await locks.request('n', (lock) => sameType<typeof lock, Lock>(true))
    await locks.request('n', {}, (lock) => sameType<typeof lock, Lock>(true))
    await locks.request('n', { wait: 0, ifAvailable: false }, (lock) =>
      sameType<typeof lock, Lock>(true),
    )
    expect(await locks.request('n', (lock) => lock.held)).toBe(true)
  })

  test('with ifAvailable gives its callback a lock or null', async () => {
    const { locks, store } = engineRoom()
    const held = locks.request('n', { ifAvailable: true }, (lock) => {
      sameType<typeof lock, Lock | null>(true)
      return lock?.held
    })
    sameType<typeof held, Promise<boolean | undefined>>(true)
    expect(await held).toBe(true)
    store.occupy(KEY, 'other', 1000)
    expect(await locks.request('n', { ifAvailable: true, ttl: 5 }, (lock) => lock)).toBeNull()
  })

  test('takes no callback that would overlook the null', () => {
    const use = (locks: Locks) => {
      // @ts-expect-error The callback must take null.
      void locks.request('n', { ifAvailable: true }, (lock: Lock) => lock.held)
      // @ts-expect-error The lock may be null.
      void locks.request('n', { ifAvailable: true }, (lock) => lock.held)
    }
    expect(use).toBeInstanceOf(Function)
  })

  test('takes no options that could not be meant', () => {
    const use = (locks: Locks) => {
      // @ts-expect-error No unit.
      void locks.acquire('n', { ttl: '30' })
      // @ts-expect-error An unknown unit.
      void locks.acquire('n', { ttl: '30w' })
      // @ts-expect-error No such option.
      void locks.acquire('n', { timeout: 30 })
      // @ts-expect-error A single try does not wait.
      void locks.tryAcquire('n', { wait: 30 })
      // @ts-expect-error A name is text or an array.
      void locks.acquire(42)
      // @ts-expect-error A part of a name is no object.
      void locks.acquire(['n', {}])
    }
    expect(use).toBeInstanceOf(Function)
  })
})

describe('acquire', () => {
  test('gives a lock, tryAcquire a lock or null', async () => {
    const { locks } = engineRoom()
    const lock = await locks.acquire(['n', 1, 2n, true])
    sameType<typeof lock, Lock>(true)
    const maybe = await locks.tryAcquire('n')
    sameType<typeof maybe, Lock | null>(true)
    expect(lock.held && maybe?.held).toBe(true)
  })
})
