import { describe, expect, test } from '@jest/globals'
import { createLocks } from '../../src/lock/create-locks.ts'
import { engineRoom, GRACE, KEY, TTL, VALID } from '../helpers/engine-room.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { rejectionOf, watch } from '../helpers/settling.ts'
import { fault } from '../helpers/step-store.ts'

expectQuietProcess()

describe('query', () => {
  test('tells what is held and what is waited for, in order, without a command', async () => {
    const { locks, store, clock } = engineRoom()
    const b = await locks.acquire('b')
    const a = await locks.acquire('a')
    for (const name of ['b', 'a', 'b']) watch(clock, locks.acquire(name))
    await clock.settle()
    const sent = store.sent().length
    expect(await locks.query()).toEqual({
      held: [
        { name: 'b', mode: 'exclusive', fence: b.fence, remainingMs: b.remaining },
        { name: 'a', mode: 'exclusive', fence: a.fence, remainingMs: a.remaining },
      ],
      pending: ['b', 'a', 'b'].map((name) => ({
        name,
        mode: 'exclusive',
        fence: undefined,
        remainingMs: undefined,
      })),
    })
    expect(store.sent()).toHaveLength(sent)
    expect(b.remaining).toBeCloseTo(VALID, 6)
  })

  test('forgets what has ended, also before any timer has told', async () => {
    const { locks, clock } = engineRoom({ renew: false })
    const lock = await locks.acquire('a')
    await locks.acquire('b')
    await lock.release()
    expect((await locks.query()).held).toMatchObject([{ name: 'b' }])
    clock.block(TTL)
    expect(await locks.query()).toEqual({ held: [], pending: [] })
  })

  test('gives no token away', async () => {
    const { locks, clock } = engineRoom()
    const { token } = await locks.acquire('n')
    watch(clock, locks.acquire('n'))
    await clock.settle()
    const told = [await locks.query(), await locks.inspect('n')]
    expect(JSON.stringify(told)).not.toContain(token)
  })

  test('of a store that cannot list is refused', async () => {
    const { locks, store } = engineRoom()
    const asked = locks.query({ store: true })
    expect(await rejectionOf(asked)).toMatchObject({ code: 'UNSUPPORTED' })
    expect(store.sent()).toEqual([])
  })

  test.each([null, { store: 'yes' }])('refuses what is no option: %p', async (options) => {
    const { locks } = engineRoom()
    const asked = locks.query(options as object)
    expect(await rejectionOf(asked)).toMatchObject({ code: 'INVALID_ARGUMENT' })
  })
})

describe('query of the store', () => {
  function listing() {
    const room = engineRoom()
    const pages: string[][] = []
    const asked: object[] = []
    const list = async (request: { readonly cursor?: string }) => {
      asked.push(request)
      const page = Number(request.cursor ?? 0)
      const cursor = page + 1 < pages.length ? { cursor: String(page + 1) } : {}
      return { keys: pages[page] ?? [], ...cursor }
    }
    Object.assign(room.store, { list })
    return { ...room, pages, asked }
  }

  test('walks all pages and asks for each lock once', async () => {
    const { locks, store, pages, asked, clock } = listing()
    store.occupy('locks:l1:{a}', 'x', 5000)
    store.occupy('locks:l1:{%C3%A4}', 'y', 6000)
    pages.push(['locks:l1:{a}', 'locks:l1:{gone}'], [], ['locks:l1:{%C3%A4}', 'locks:l1:{a}'])
    await clock.advance(1000)
    const { held, pending } = await locks.query({ store: true })
    expect(held).toEqual([
      { name: 'a', mode: 'exclusive', fence: expect.any(Number), remainingMs: 4000 },
      { name: '%C3%A4', mode: 'exclusive', fence: expect.any(Number), remainingMs: 5000 },
    ])
    expect(pending).toEqual([])
    const prefix = 'locks:l1:'
    expect(store.sent('inspect')).toHaveLength(3)
    expect(asked).toEqual([{ prefix }, { prefix, cursor: '1' }, { prefix, cursor: '2' }])
  })

  test('rejects without an answer', async () => {
    const { locks, store, pages } = listing()
    pages.push(['locks:l1:{a}'])
    store.next(fault.reject(new Error('down')), 'inspect')
    const asked = locks.query({ store: true })
    expect(await rejectionOf(asked)).toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })
})

describe('inspect', () => {
  test('tells of a free lock and of a held one', async () => {
    const { locks, clock } = engineRoom()
    const free = { name: 'n', holders: [], capacity: 1, waiters: 0 }
    expect(await locks.inspect('n')).toEqual(free)
    const lock = await locks.acquire('n')
    await clock.advance(500)
    const { fence } = lock
    const holder = { mode: 'exclusive', units: 1, remainingMs: TTL + GRACE - 500, fence }
    expect(await locks.inspect('n')).toEqual({ ...free, holders: [holder] })
  })

  test('tells of readers and of permits', async () => {
    const { locks, store } = engineRoom()
    const holder = { token: 't', remainingMs: 5 }
    const answer = (capacity: number, units: number) =>
      store.next(fault.answer({ holders: [{ ...holder, units }], capacity, waiters: 3 }))
    answer(2 ** 31, 1)
    const reader = { mode: 'shared', units: 1, remainingMs: 5, fence: undefined }
    const state = { name: 'n', capacity: 2 ** 31, waiters: 3 }
    expect(await locks.inspect('n')).toEqual({ ...state, holders: [reader] })
    answer(2 ** 31, 2 ** 31)
    expect(await locks.inspect('n')).toMatchObject({ holders: [{ mode: 'exclusive' }] })
    answer(5, 1)
    expect(await locks.inspect('n')).toMatchObject({ holders: [{ mode: 'exclusive', units: 1 }] })
  })
})

describe('break', () => {
  test('of a free lock takes nothing', async () => {
    const { locks, store } = engineRoom()
    expect(await locks.break('n')).toBe(false)
    expect(store.sent('release')).toEqual([])
  })

  test('takes the lock from its holder, who learns of it at its next renewal', async () => {
    const { locks, store, clock } = engineRoom()
    const lock = await createLocks(store, { clock }).acquire('n')
    expect(await locks.break('n')).toBe(true)
    expect(store.holders(KEY)).toEqual([])
    expect((await locks.tryAcquire('n'))?.held).toBe(true)
    await clock.advance(TTL / 3)
    expect(lock.signal.reason).toMatchObject({ reason: 'stolen' })
  })

  test('tells a holder of this instance at once', async () => {
    const { locks } = engineRoom()
    const lock = await locks.acquire('n')
    expect(await locks.break('n')).toBe(true)
    expect(lock.held).toBe(false)
    expect(lock.signal.reason).toMatchObject({ reason: 'deleted' })
  })

  test('leaves it to whoever got it meanwhile', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'stuck', 60_000)
    store.next(fault.slowReply(100), 'inspect')
    const broken = watch(clock, locks.break('n'))
    await clock.advance(50)
    store.vacate(KEY, 'stuck')
    store.occupy(KEY, 'other', 60_000)
    await clock.advance(50)
    expect(broken.value).toBe(false)
    expect(store.holders(KEY)).toEqual(['other'])
  })

  test('rejects without an answer', async () => {
    const { locks, store } = engineRoom()
    store.occupy(KEY, 'stuck', 60_000)
    store.next(fault.reject(new Error('down')), 'release')
    expect(await rejectionOf(locks.break('n'))).toMatchObject({ code: 'STORE_UNAVAILABLE' })
  })
})

describe('what asks the store', () => {
  test.each([
    ['inspect', 'n'],
    ['break', 'n'],
    ['query', { store: true }],
  ] as const)('is refused when the locks are closed: %s', async (method, argument) => {
    const { locks, store } = engineRoom()
    await locks.close()
    const asked = locks[method](argument as never)
    expect(await rejectionOf(asked)).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(store.sent()).toEqual([])
  })

  test.each(['inspect', 'break'] as const)('refuses what is no name: %s', async (method) => {
    const { locks, store } = engineRoom()
    expect(await rejectionOf(locks[method](''))).toMatchObject({ code: 'INVALID_ARGUMENT' })
    expect(store.sent()).toEqual([])
  })
})
