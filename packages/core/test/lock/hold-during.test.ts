import { describe, expect, jest, test } from '@jest/globals'
import { LockTimeoutError, StoreUnavailableError } from '../../src/errors.ts'
import type { Lock } from '../../src/lock/lock.ts'
import { engineRoom, KEY } from '../helpers/engine-room.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { fulfilled, rejectionOf, watch } from '../helpers/settling.ts'
import { fault } from '../helpers/step-store.ts'

expectQuietProcess()

describe('a request', () => {
  test('runs its callback under the lock, gives its result and releases [C61]', async () => {
    const { locks, store } = engineRoom()
    const result = await locks.request('n', async (lock) => {
      expect(lock.held).toBe(true)
      expect(store.holders(KEY)).toEqual([lock.token])
      return 'done'
    })
    expect(result).toBe('done')
    expect(store.sent().map(({ command }) => command)).toEqual(['acquire', 'release'])
    expect(store.holders(KEY)).toEqual([])
  })

  test.each([
    ['a plain value', () => 'done'],
    ['a promise', async () => 'done'],
    // biome-ignore lint/suspicious/noThenProperty: the case
    ['a thenable', () => ({ then: (resolve: (value: string) => void) => resolve('done') })],
  ])('takes a callback that returns %s', async (_what, callback) => {
    const { locks } = engineRoom()
    expect(await locks.request('n', callback as () => string)).toBe('done')
    expect(await locks.request('n', {}, callback as () => string)).toBe('done')
  })

  test('passes its options on', async () => {
    const { locks, store } = engineRoom()
    await locks.request('n', { ttl: '1m', grace: '5s' }, () => {})
    expect(store.sent('acquire')[0]?.ttlMs).toBe(65_000)
    store.occupy(KEY, 'other', 60_000)
    const callback = jest.fn()
    const refused = rejectionOf(locks.request('n', { wait: 0 }, callback))
    expect(await refused).toBeInstanceOf(LockTimeoutError)
    expect(callback).not.toHaveBeenCalled()
  })

  test('renews the lock while the callback runs, and not after', async () => {
    const { locks, store, clock } = engineRoom()
    const work = () => new Promise<string>((resolve) => clock.after(300_000, () => resolve('done')))
    const requested = watch(clock, locks.request('n', work))
    await clock.advance(300_000)
    expect(fulfilled(requested)).toBe('done')
    const sent = store.sent().length
    expect(sent).toBeGreaterThan(25)
    await clock.advance(300_000)
    expect(store.sent()).toHaveLength(sent)
  })

  test('[C4] [C28] excludes another request for the same name, in turn', async () => {
    const { locks, clock } = engineRoom()
    const order: string[] = []
    const turn = (who: string) =>
      locks.request('n', async () => {
        order.push(`${who} in`)
        await new Promise<void>((resolve) => clock.after(100, resolve))
        order.push(`${who} out`)
      })
    watch(clock, turn('a'))
    watch(clock, turn('b'))
    watch(clock, turn('c'))
    await clock.advance(3000)
    const turns = order.map((step) => step.split(' ')[1])
    expect(turns).toEqual(['in', 'out', 'in', 'out', 'in', 'out'])
    expect(order[0]?.[0]).toBe(order[1]?.[0])
    expect(order[2]?.[0]).toBe(order[3]?.[0])
  })

  test('for other names may be nested', async () => {
    const { locks } = engineRoom()
    const nested = locks.request('a', () =>
      locks.request('b', () => locks.request('c', () => 'in')),
    )
    expect(await nested).toBe('in')
  })

  test('takes an early release by its callback for what it is: no loss', async () => {
    const { locks, store } = engineRoom()
    const result = await locks.request('n', async (lock) => {
      await lock.release()
      return 'done'
    })
    expect(result).toBe('done')
    expect(store.sent('release')).toHaveLength(1)
  })

  test('takes a callback that disposes of its lock, as `await using` does', async () => {
    const { locks } = engineRoom()
    const result = await locks.request('n', async (lock) => {
      await lock[Symbol.asyncDispose]()
      return 'done'
    })
    expect(result).toBe('done')
  })
})

describe('a request that would not wait', () => {
  test('gets null when somebody holds the lock, with exactly one try', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 60_000)
    const seen: (Lock | null)[] = []
    const requested = locks.request('n', { ifAvailable: true }, (lock) => {
      seen.push(lock)
      return 'done'
    })
    expect(await requested).toBe('done')
    expect(seen).toEqual([null])
    await clock.advance(60_000)
    expect(store.sent()).toHaveLength(1)
  })

  test('gets the lock when it is free', async () => {
    const { locks, store } = engineRoom()
    const held = await locks.request('n', { ifAvailable: true }, async (lock) => lock?.held)
    expect(held).toBe(true)
    expect(store.holders(KEY)).toEqual([])
  })

  test('gives the error of its callback, with and without the lock', async () => {
    const { locks, store } = engineRoom()
    const fails = () => Promise.reject(new Error('mine'))
    const ifAvailable = true
    await expect(locks.request('n', { ifAvailable }, fails)).rejects.toThrow('mine')
    store.occupy(KEY, 'other', 60_000)
    await expect(locks.request('n', { ifAvailable }, fails)).rejects.toThrow('mine')
  })

  test('does not take a broken store for a held lock: the callback does not run [C62]', async () => {
    const { locks, store } = engineRoom()
    store.next(fault.reject(new Error('down')))
    const callback = jest.fn()
    const requested = locks.request('n', { ifAvailable: true }, callback)
    expect(await rejectionOf(requested)).toBeInstanceOf(StoreUnavailableError)
    expect(callback).not.toHaveBeenCalled()
  })

  test('waits like another when it says so', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 1000)
    const requested = watch(
      clock,
      locks.request('n', { ifAvailable: false }, (lock) => lock.held),
    )
    await clock.advance(1001)
    expect(fulfilled(requested)).toBe(true)
  })
})
