import { describe, expect, jest, test } from '@jest/globals'
import { LockLostError } from '../../src/errors.ts'
import { createLocks } from '../../src/lock/create-locks.ts'
import { engineRoom, VALID } from '../helpers/engine-room.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { fulfilled, rejectionOf, watch } from '../helpers/settling.ts'
import { fault } from '../helpers/step-store.ts'

expectQuietProcess()

const key = (name: string) => `locks:l1:{${name}}`
const A = key('a')
const B = key('b')
const C = key('c')

describe('several names', () => {
  test('are acquired in one order, and given in the order asked', async () => {
    const { locks, store } = engineRoom()
    const set = await locks.acquireAll(['c', 'a', 'b'])
    expect(store.sent('acquire').map((sent) => sent.key)).toEqual([A, B, C])
    expect(set.names).toEqual(['c', 'a', 'b'])
    expect(set.locks.map(({ name }) => name)).toEqual(['c', 'a', 'b'])
    expect(set.held).toBe(true)
    for (const { fence } of set.locks) expect(fence).toBeGreaterThan(0)
    expect(await set.release()).toBe(true)
    for (const one of [A, B, C]) expect(store.holders(one)).toEqual([])
  })

  test('are ordered by the bytes of what is sent, not by what they look like', async () => {
    const { locks, store } = engineRoom()
    await locks.acquireAll(['z', 'ä', 'Z', ['z']])
    const sent = store.sent('acquire').map((command) => command.key)
    expect(sent).toEqual(['%C3%A4', ':z', 'Z', 'z'].map(key))
  })

  test('never block two callers that ask in opposite order', async () => {
    const { locks, store, clock } = engineRoom()
    store.replyMs = 5
    const others = createLocks(store, { clock })
    const turn = async (of: typeof locks, names: readonly string[]) => {
      for (let round = 0; round < 5; round++) {
        await of.requestAll(names, () => new Promise<void>((resolve) => clock.after(20, resolve)))
      }
      return 'done'
    }
    const turns = [watch(clock, turn(locks, ['a', 'b'])), watch(clock, turn(others, ['b', 'a']))]
    await clock.advance(9000)
    expect(turns.map(({ value }) => value)).toEqual(['done', 'done'])
  })

  test('share one wait', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(A, 'other', 600)
    store.occupy(B, 'other', 60_000)
    const acquired = watch(clock, locks.acquireAll(['a', 'b'], { wait: 1000 }))
    const startedAtMs = clock.now()
    await clock.advance(5000)
    expect(acquired.error).toMatchObject({ code: 'LOCK_TIMEOUT' })
    expect(String(acquired.error)).toContain('lock b')
    expect((acquired.atMs ?? 0) - startedAtMs).toBeCloseTo(1000, 6)
    expect(store.holders(A)).toEqual([])
  })

  test('with no wait get exactly one try each', async () => {
    const { locks, store } = engineRoom()
    store.occupy(B, 'other', 60_000)
    const asked = locks.acquireAll(['a', 'b', 'c'], { wait: 0 })
    expect(await rejectionOf(asked)).toMatchObject({ code: 'LOCK_TIMEOUT' })
    expect(store.sent('acquire').map((sent) => sent.key)).toEqual([A, B])
  })

  test.each([
    ['none', []],
    ['a name alone', 'a'],
    ['a name twice', ['a', 'b', 'a']],
    ['a name that is none', ['a', '']],
  ])('are refused before anything is sent: %s', async (_what, names) => {
    const { locks, store } = engineRoom()
    const asked = locks.acquireAll(names as string[])
    expect(await rejectionOf(asked)).toMatchObject({ code: 'INVALID_ARGUMENT' })
    const callback = jest.fn()
    const requested = locks.requestAll(names as string[], callback)
    expect(await rejectionOf(requested)).toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(store.sent()).toEqual([])
    expect(callback).not.toHaveBeenCalled()
  })
})

describe('a failure leaves nothing', () => {
  test('of those that were acquired, when the store is down', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(C, 'other', 500)
    const acquired = watch(clock, locks.acquireAll(['a', 'b', 'c'], { wait: 300 }))
    await clock.advance(100)
    expect(store.holders(A)).toHaveLength(1)
    await clock.advance(1000)
    expect(acquired.state).toBe('rejected')
    for (const one of [A, B, C]) expect(store.holders(one)).toEqual([])
  })

  test('of an answer that never came', async () => {
    const { locks, store, clock } = engineRoom()
    const acquire = store.acquire.bind(store)
    store.acquire = (request) => {
      if (request.key === B) store.next(fault.dropReply, 'acquire')
      return acquire(request)
    }
    const acquired = watch(clock, locks.acquireAll(['a', 'b'], { wait: 0 }))
    await clock.advance(3000)
    expect(acquired.error).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    for (const one of [A, B]) expect(store.holders(one)).toEqual([])
  })

  test('at an abort, which is answered at once', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(B, 'other', 60_000)
    const controller = new AbortController()
    const { signal } = controller
    const acquired = watch(clock, locks.acquireAll(['a', 'b'], { signal }))
    await clock.advance(100)
    store.next(fault.runLate(400), 'release')
    controller.abort('enough')
    await clock.settle()
    expect(acquired.error).toBe('enough')
    await clock.advance(400)
    expect(store.holders(A)).toEqual([])
    expect(clock.armed).toEqual({ foreground: 0, background: 0 })
  })

  test('at a close', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(B, 'other', 60_000)
    const acquired = watch(clock, locks.acquireAll(['a', 'b']))
    await clock.advance(100)
    await locks.close()
    expect(acquired.error).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(store.holders(A)).toEqual([])
  })

  test('when the signal has aborted before: no command', async () => {
    const { locks, store } = engineRoom()
    const asked = locks.acquireAll(['a', 'b'], { signal: AbortSignal.abort('before') })
    expect(await rejectionOf(asked)).toBe('before')
    expect(store.sent()).toEqual([])
  })

  test('when one is lost while another is awaited: LOCK_LOST at that moment', async () => {
    const { locks, store, clock } = engineRoom({ renew: false })
    store.occupy(B, 'other', 120_000)
    const acquired = watch(clock, locks.acquireAll(['a', 'b'], { wait: Infinity }))
    const startedAtMs = clock.now()
    await clock.advance(119_000)
    expect(acquired.error).toBeInstanceOf(LockLostError)
    expect(acquired.error).toMatchObject({ reason: 'expired' })
    expect((acquired.atMs ?? 0) - startedAtMs).toBeCloseTo(VALID, 6)
    await clock.advance(10_000)
    expect(store.holders(B)).toEqual([])
  })

  test('when one is lost while the last is granted, and no timer has told', async () => {
    const { locks, store, clock } = engineRoom({ renew: false, ttl: '1s' })
    const acquire = store.acquire.bind(store)
    store.acquire = (request) => {
      clock.block(600)
      return acquire(request)
    }
    const acquired = locks.acquireAll(['a', 'b'])
    expect(await rejectionOf(acquired)).toMatchObject({ code: 'LOCK_LOST' })
    expect(store.holders(B)).toEqual([])
  })

  test('and the renewal of those that are here goes on while the others are awaited', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(B, 'other', 120_000)
    const acquired = watch(clock, locks.acquireAll(['a', 'b'], { wait: Infinity }))
    await clock.advance(121_000)
    expect(fulfilled(acquired).held).toBe(true)
  })
})

describe('a request of several names', () => {
  test('runs under all, gives the result and releases', async () => {
    const { locks, store } = engineRoom()
    const result = await locks.requestAll(['b', 'a'], async (set) => {
      expect(set.held).toBe(true)
      return set.names
    })
    expect(result).toEqual(['b', 'a'])
    for (const one of [A, B]) expect(store.holders(one)).toEqual([])
  })

  test('takes options', async () => {
    const { locks, store } = engineRoom()
    await locks.requestAll(['a', 'b'], { ttl: '1m', grace: 0 }, () => {})
    expect(store.sent('acquire').map(({ ttlMs }) => ttlMs)).toEqual([60_000, 60_000])
  })

  test('gives the error of its callback, and releases', async () => {
    const { locks, store } = engineRoom()
    const requested = locks.requestAll(['a', 'b'], () => Promise.reject('mine'))
    expect(await rejectionOf(requested)).toBe('mine')
    for (const one of [A, B]) expect(store.holders(one)).toEqual([])
  })

  test('rejects with LOCK_LOST, with the result, when one was lost', async () => {
    const { locks, store } = engineRoom()
    const requested = locks.requestAll(['a', 'b'], async (set) => {
      store.forget(A)
      await set.extend()
      return 'done'
    })
    const lost = { code: 'LOCK_LOST', reason: 'deleted', result: 'done' }
    expect(await rejectionOf(requested)).toMatchObject(lost)
  })

  test('may be entered again, name by name', async () => {
    const { locks, store } = engineRoom()
    await locks.requestAll(['a', 'b'], ({ locks: [a, b] }) =>
      locks.request('b', { reentrant: true }, (lock) => {
        expect(lock).toBe(b)
        expect(lock).not.toBe(a)
      }),
    )
    expect(store.sent('acquire')).toHaveLength(2)
  })
})
