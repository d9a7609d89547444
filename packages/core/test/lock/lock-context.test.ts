import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals'
import { engineRoom } from '../helpers/engine-room.ts'
import { expectQuietProcess } from '../helpers/quiet-process.ts'
import { fulfilled, rejectionOf, watch } from '../helpers/settling.ts'

expectQuietProcess()

describe('current', () => {
  test('is the lock of the request around, however the code is reached', async () => {
    const { locks, clock } = engineRoom()
    expect(locks.current()).toBeUndefined()
    const requested = watch(
      clock,
      locks.request('n', async (lock) => {
        expect(locks.current()).toBe(lock)
        await new Promise<void>((resolve) => clock.after(100, resolve))
        expect(locks.current()).toBe(lock)
        expect(locks.current('n')).toBe(lock)
        expect(locks.current('m')).toBeUndefined()
        return lock.fence
      }),
    )
    expect(locks.current()).toBeUndefined()
    await clock.advance(100)
    expect(fulfilled(requested)).toBeGreaterThan(0)
    expect(locks.current()).toBeUndefined()
  })

  test('is the innermost, and by its name any of those around', async () => {
    const { locks } = engineRoom()
    await locks.request('a', (a) =>
      locks.request(['b', 1], (b) => {
        expect(locks.current()).toBe(b)
        expect(locks.current('a')).toBe(a)
        expect(locks.current(['b', 1])).toBe(b)
      }),
    )
  })

  test('is the first of several, and by its name each', async () => {
    const { locks } = engineRoom()
    await locks.requestAll(['b', 'a'], ({ locks: [b, a] }) => {
      expect(locks.current()).toBe(b)
      expect(locks.current('a')).toBe(a)
    })
  })

  test('tells parallel requests apart', async () => {
    const { locks, clock } = engineRoom()
    const names = ['a', 'b', 'c']
    const requested = watch(
      clock,
      Promise.all(
        names.map((name, n) =>
          locks.request(name, async () => {
            await new Promise<void>((resolve) => clock.after(10 * n, resolve))
            return locks.current()?.name
          }),
        ),
      ),
    )
    await clock.advance(30)
    expect(fulfilled(requested)).toEqual(names)
  })

  test('knows neither a handle nor the locks of others', async () => {
    const { locks } = engineRoom()
    const others = engineRoom().locks
    await locks.acquire('n')
    expect(locks.current()).toBeUndefined()
    await locks.request('m', () => expect(others.current()).toBeUndefined())
  })

  test('stays with a lock that is lost, so that its user hears of the loss', async () => {
    const { locks, clock } = engineRoom({ renew: false })
    const requested = locks.request('n', () => {
      clock.block(60_000)
      expect(locks.current()?.held).toBe(false)
      expect(() => locks.current('n')?.assertHeld()).toThrow('expired')
    })
    expect(await rejectionOf(requested)).toMatchObject({ code: 'LOCK_LOST' })
  })

  test('refuses what is no name', () => {
    const { locks } = engineRoom()
    expect(() => locks.current('')).toThrow('must not be empty')
  })
})

describe('who waits for its own lock', () => {
  const seen: unknown[] = []
  const listen = (message: unknown) => seen.push(message)
  beforeEach(() => {
    seen.length = 0
    subscribe('locks:self-wait', listen)
  })
  afterEach(() => {
    unsubscribe('locks:self-wait', listen)
  })

  test.each([
    ['acquire', { wait: 500 }],
    ['a single try', { wait: 0 }],
  ])('is published once, and named by the error: %s', async (_what, options) => {
    const { locks, clock } = engineRoom()
    const requested = watch(
      clock,
      locks.request('n', () => locks.acquire('n', options)),
    )
    await clock.advance(500)
    expect(requested.error).toMatchObject({ code: 'LOCK_TIMEOUT' })
    expect(String(requested.error)).toContain('by the very caller')
    expect(seen).toHaveLength(1)
  })

  test('is not rejected: an inner request may go on when the outer has ended', async () => {
    const { locks, clock } = engineRoom()
    let inner: Promise<unknown> = Promise.resolve()
    await locks.request('n', () => {
      inner = locks.request('n', () => 'inner')
    })
    const settled = watch(clock, inner)
    await clock.advance(1000)
    expect(fulfilled(settled)).toBe('inner')
    expect(seen).toHaveLength(1)
  })

  test('is nobody else', async () => {
    const { locks, clock } = engineRoom()
    const held = await locks.acquire('n')
    const waits = watch(clock, locks.acquire('n', { wait: 100 }))
    const nested = watch(
      clock,
      locks.request('m', () => locks.acquire('n', { wait: 100 })),
    )
    await clock.advance(1000)
    for (const { error } of [waits, nested]) {
      expect(String(error)).toContain('n was held for all of')
    }
    await held.release()
    expect(seen).toEqual([])
  })

  test('is nobody when the lock has been released before', async () => {
    const { locks, clock } = engineRoom()
    const requested = watch(
      clock,
      locks.request('n', async (lock) => {
        await lock.release()
        return locks.request('n', () => 'again')
      }),
    )
    await clock.advance(100)
    expect(fulfilled(requested)).toBe('again')
    expect(seen).toEqual([])
  })
})
