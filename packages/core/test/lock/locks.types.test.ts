import { describe, expect, test } from '@jest/globals'
import type { Lock } from '../../src/lock/lock.ts'
import type { LockQuery } from '../../src/lock/lock-info.ts'
import type { LockSet } from '../../src/lock/lock-set.ts'
import type { LockState } from '../../src/lock/lock-state.ts'
import type { Locks } from '../../src/lock/locks.ts'
import type { Term } from '../../src/lock/term.ts'
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

describe('a request that proceeds', () => {
  test('gives its callback a lock or null', async () => {
    const { locks } = engineRoom()
    const held = locks.request('n', { onTimeout: 'proceed' }, (lock) => {
      sameType<typeof lock, Lock | null>(true)
      return lock?.held
    })
    sameType<typeof held, Promise<boolean | undefined>>(true)
    expect(await held).toBe(true)
    const rejects = { onTimeout: 'reject', reentrant: true } as const
    await locks.request('n', rejects, (lock) => sameType<typeof lock, Lock>(true))
  })

  test('takes no callback that would overlook the null', () => {
    const use = (locks: Locks) => {
      // @ts-expect-error The lock may be null.
      void locks.request('n', { onTimeout: 'proceed' }, (lock) => lock.held)
    }
    expect(use).toBeInstanceOf(Function)
  })
})

describe('several names, terms and what is told', () => {
  test('have their own types', async () => {
    const { locks } = engineRoom()
    const set = await locks.acquireAll(['a', ['b', 1]])
    sameType<typeof set, LockSet>(true)
    const size = locks.requestAll(['c', 'd'], (both) => {
      sameType<typeof both, LockSet>(true)
      return both.locks.length
    })
    sameType<typeof size, Promise<number>>(true)
    const names = locks.requestAll(['e'], { wait: 0 }, async (one) => one.names)
    sameType<typeof names, Promise<readonly string[]>>(true)
    const { signal } = new AbortController()
    const campaign = locks.elect('f', { signal }, (term) => {
      sameType<typeof term, Term>(true)
      throw new Error(term.name)
    })
    sameType<typeof campaign, Promise<void>>(true)
    await expect(campaign).rejects.toThrow('f')
    const current = locks.current()
    sameType<typeof current, Lock | undefined>(true)
    const told = await locks.query()
    sameType<typeof told, LockQuery>(true)
    const state = await locks.inspect('g')
    sameType<typeof state, LockState>(true)
    const broken = await locks.break('g')
    sameType<typeof broken, boolean>(true)
    expect([await size, (await names).length, broken]).toEqual([2, 1, false])
  })

  test('take no options that could not be meant', () => {
    const use = (locks: Locks) => {
      // @ts-expect-error A campaign needs a signal.
      void locks.elect('n', {}, () => {})
      // @ts-expect-error A campaign waits without end.
      void locks.elect('n', { signal: AbortSignal.abort(), wait: 5 }, () => {})
      // @ts-expect-error Only one name at a time can be had without its lock.
      void locks.requestAll(['n'], { onTimeout: 'proceed' }, () => {})
      // @ts-expect-error A handle cannot go on without its lock.
      void locks.acquire('n', { onTimeout: 'proceed' })
    }
    expect(use).toBeInstanceOf(Function)
  })
})
