import { describe, expect, test } from '@jest/globals'
import { engineRoom, GRACE, KEY, TTL, VALID } from '../helpers/engine-room.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { fulfilled, watch } from '../helpers/settling.ts'
import { type Fault, fault } from '../helpers/step-store.ts'

expectQuietProcess()

describe('a try', () => {
  test('[C5] [C8] [C9] asks for ttl + grace under a token of its own, in one command', async () => {
    const { locks, store } = engineRoom()
    const lock = await locks.acquire('n')
    expect(store.sent()).toMatchObject([{ command: 'acquire', key: KEY, ttlMs: TTL + GRACE }])
    expect(store.sent()[0]?.token).toBe(lock.token)
    expect(store.holders(KEY)).toEqual([lock.token])
  })

  test('is believed from the sending, not from the reply', async () => {
    const { locks, store, clock } = engineRoom()
    store.next({ requestMs: 700, replyMs: 800 })
    const acquired = watch(clock, locks.acquire('n'))
    await clock.advance(1500)
    const lock = fulfilled(acquired)
    expect(lock.remaining).toBe(VALID - 1500)
    expect(store.remainingMs(KEY)).toBe(TTL + GRACE - 800)
  })

  test('is believed for what the store really set', async () => {
    const { locks, store } = engineRoom()
    store.next(fault.answer({ state: 'granted', remainingMs: 10_000, fence: 7 }))
    const lock = await locks.acquire('n')
    expect(lock.remaining).toBe(10_000 - GRACE - 100 - 2)
    expect(lock.fence).toBe(7)
  })

  test('that finds the lock held is null, and leaves nothing to undo', async () => {
    const { locks, store, clock } = engineRoom()
    store.occupy(KEY, 'other', 5000)
    expect(await locks.tryAcquire('n')).toBeNull()
    await clock.advance(5000)
    expect(store.sent()).toHaveLength(1)
  })
})

describe('a grant with nothing left', () => {
  const options = { ttl: 1000, grace: 500, renew: false }

  test('is not returned, and is undone at once', async () => {
    const { locks, store, clock } = engineRoom(options)
    store.next(fault.slowReply(1000), 'acquire')
    const acquired = watch(clock, locks.tryAcquire('n'))
    await clock.advance(999)
    expect(store.holders(KEY)).toHaveLength(1)
    await clock.advance(1)
    expect(fulfilled(acquired)).toBeNull()
    expect(store.holders(KEY)).toEqual([])
  })

  test('is returned when a moment is left', async () => {
    const { locks, store, clock } = engineRoom(options)
    store.next(fault.slowReply(980), 'acquire')
    const acquired = watch(clock, locks.tryAcquire('n'))
    await clock.advance(980)
    expect(fulfilled(acquired)?.held).toBe(true)
    expect(fulfilled(acquired)?.remaining).toBe(1000 - 980 - 15 - 2)
  })

  test('is not returned in the very moment in which it ends', async () => {
    const { locks, store, clock } = engineRoom(options)
    store.next(fault.slowReply(1000 - 15 - 2), 'acquire')
    const acquired = watch(clock, locks.tryAcquire('n'))
    await clock.advance(983)
    expect(fulfilled(acquired)).toBeNull()
  })

  test('[C30] is followed by the next try: the wait is not over', async () => {
    const { locks, store, clock } = engineRoom(options)
    store.next(fault.slowReply(1000), 'acquire')
    const acquired = watch(clock, locks.acquire('n'))
    await clock.advance(1100)
    expect(fulfilled(acquired).held).toBe(true)
    expect(store.holders(KEY)).toEqual([fulfilled(acquired).token])
  })

  test('is not returned after a stall of the event loop either', async () => {
    const { locks, store, clock } = engineRoom(options)
    const acquired = watch(clock, locks.tryAcquire('n'))
    clock.block(1000)
    await clock.settle()
    expect(fulfilled(acquired)).toBeNull()
    expect(store.holders(KEY)).toEqual([])
  })
})

describe('a grant of a fraction of a second', () => {
  test('[C6] is asked for in milliseconds, and nothing is rounded', async () => {
    const { locks, store } = engineRoom()
    await locks.acquire('n', { ttl: '9.5s', grace: 0 })
    expect(store.sent('acquire')[0]?.ttlMs).toBe(9500)
    expect(store.remainingMs(KEY)).toBe(9500)
  })
})

describe('a store that is too slow for every try', () => {
  test('[C31] ends the wait in an error, and nothing is left', async () => {
    const { locks, store, clock } = engineRoom({ ttl: 1000 })
    store.replyMs = 1200
    const acquired = watch(clock, locks.acquire('n', { wait: 5000 }))
    await clock.advance(12_000)
    expect(acquired.state).toBe('rejected')
    expect(store.holders(KEY)).toEqual([])
    expect(clock.armed).toEqual({ foreground: 0, background: 0 })
  })
})

describe('an acquire without an answer', () => {
  const ambiguous: [string, Fault][] = [
    ['its reply was lost', fault.dropReply],
    ['its reply was slow', fault.slowReply(2500)],
    ['it ran late', fault.runLate(2500)],
    ['it ran late and its reply was lost', fault.runLateUnseen(2500)],
    ['its connection broke after it had run', fault.runThenReject(new Error('ECONNRESET'))],
  ]

  test.each(ambiguous)('is not a grant, and holds nothing in the end: %s', async (_what, one) => {
    const { locks, store, clock } = engineRoom()
    store.next(one, 'acquire')
    const acquired = watch(clock, locks.tryAcquire('n'))
    await clock.advance(2000)
    expect(acquired.error).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await clock.advance(1600)
    expect(store.sent('acquire')[0]?.ranAtMs).toBeDefined()
    expect(store.holders(KEY)).toEqual([])
  })

  test.each(ambiguous)('costs nobody the lock: %s', async (_what, one) => {
    const { locks, store, clock } = engineRoom()
    store.next(one, 'acquire')
    watch(clock, locks.tryAcquire('n'))
    const other = watch(clock, locks.acquire('n', { wait: '10s' }))
    await clock.advance(5000)
    expect(fulfilled(other).held).toBe(true)
  })

  test('is undone also when it runs after the first undo', async () => {
    const { locks, store, clock } = engineRoom()
    store.next(fault.runLateUnseen(5000), 'acquire')
    watch(clock, locks.tryAcquire('n'))
    await clock.advance(4999)
    expect(store.sent('release').length).toBeGreaterThan(1)
    expect(store.sent('acquire')[0]?.ranAtMs).toBeUndefined()
    await clock.advance(1)
    expect(store.holders(KEY)).toHaveLength(1)
    await clock.advance(1000)
    expect(store.holders(KEY)).toEqual([])
  })

  test('that runs in the end is undone as soon as its reply is there', async () => {
    const { locks, store, clock } = engineRoom()
    store.next(fault.runLate(20_000), 'acquire')
    watch(clock, locks.tryAcquire('n'))
    await clock.advance(20_000)
    expect(store.sent('acquire')[0]?.ranAtMs).toBe(clock.now())
    expect(store.holders(KEY)).toEqual([])
  })

  test('is never sent again under its token', async () => {
    const { locks, store, clock } = engineRoom()
    for (let n = 0; n < 3; n++) store.next(fault.dropReply, 'acquire')
    watch(clock, locks.acquire('n', { wait: '20s' }))
    await clock.advance(20_000)
    const tokens = store.sent('acquire').map(({ token }) => token)
    expect(new Set(tokens).size).toBe(tokens.length)
  })

  test('is refused by the store itself once the store’s time is known', async () => {
    const { locks, store, clock } = engineRoom()
    await (await locks.acquire('n')).release()
    store.next(fault.runLate(5000), 'acquire')
    watch(clock, locks.tryAcquire('n'))
    await clock.advance(6000)
    expect(store.sent('acquire')[1]?.reply).toMatchObject({ state: 'late' })
    expect(store.holders(KEY)).toEqual([])
  })

  // A client that sends commands again may have been granted the first copy and refused the second.
  test('that the store refused as late is undone once', async () => {
    const { locks, store, clock } = engineRoom()
    store.next(fault.answer({ state: 'late', storeNowMs: 3_510_000 }))
    const acquired = watch(clock, locks.tryAcquire('n'))
    await clock.advance(60_000)
    expect(acquired.error).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(store.sent('release')).toHaveLength(1)
  })
})
