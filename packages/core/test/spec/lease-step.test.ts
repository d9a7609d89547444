import { describe, expect, test } from '@jest/globals'
import { freeLease } from '../../src/spec/index.ts'
import { fenceOf, Name, waiter } from './lease-name.ts'

describe('acquire', () => {
  test('grants a free name for the whole TTL, with a fence and the store’s time', () => {
    const name = new Name()
    expect(name.acquire('a').reply).toEqual({
      state: 'granted',
      kept: false,
      remainingMs: 1000,
      fence: 1_700_000_000_000_000,
      storeNowMs: 1_700_000_000_000,
    })
    expect(name.holders).toEqual([
      { token: 'a', units: 1, fence: 1_700_000_000_000_000, remainingMs: 1000 },
    ])
  })

  test('a grant owns the fences that it asks for, from its own on', () => {
    const name = new Name()
    const first = fenceOf(name.acquire('a', { fences: 64 }))
    expect(fenceOf(name.acquire('a', { fences: 64 }))).toBe(first)
    name.release('a')
    expect(fenceOf(name.acquire('b'))).toBe(first + 64)
    name.acquire('c', { fences: 3, waiter: waiter('c') })
    expect(name.release('b').grants).toMatchObject([{ token: 'c', fence: first + 65 }])
    name.release('c')
    expect(fenceOf(name.acquire('d'))).toBe(first + 68)
  })

  test('is exclusive: a held name answers how long it may still be held', () => {
    const name = new Name()
    name.acquire('a')
    name.nowMs += 300
    expect(name.acquire('b').reply).toEqual({
      state: 'held',
      kept: false,
      remainingMs: 700,
      storeNowMs: name.nowMs,
    })
    expect(name.holding).toEqual(['a'])
    expect(name.queued).toEqual([])
  })

  test('changes nothing of the lease that is in the way', () => {
    const name = new Name()
    name.acquire('a')
    const before = structuredClone(name.holders)
    name.acquire('b', { ttlMs: 50_000 })
    expect(name.holders).toEqual(before)
  })

  test('repeated by its holder re-sets the TTL and keeps the fence', () => {
    const name = new Name()
    const fence = fenceOf(name.acquire('a'))
    name.nowMs += 600
    expect(name.acquire('a').reply).toMatchObject({ state: 'granted', remainingMs: 1000, fence })
    expect(name.holders[0]?.remainingMs).toBe(1000)
    name.nowMs += 600
    expect(name.acquire('a', { ttlMs: 10 }).reply).toMatchObject({ remainingMs: 10, fence })
    expect(name.holders[0]?.remainingMs).toBe(10)
  })

  test('gets a name in the millisecond in which its lease ends, and not before', () => {
    const name = new Name()
    name.acquire('a')
    name.nowMs += 999
    expect(name.acquire('b').reply.state).toBe('held')
    name.nowMs += 1
    expect(name.acquire('b').reply.state).toBe('granted')
    expect(name.holding).toEqual(['b'])
  })

  test('by an owner whose lease has ended is a new grant, with a new fence', () => {
    const name = new Name()
    const fence = fenceOf(name.acquire('a'))
    name.nowMs += 1000
    expect(fenceOf(name.acquire('a'))).toBeGreaterThan(fence)
  })
})

describe('a fence', () => {
  test('grows with every grant, also within one microsecond', () => {
    const name = new Name()
    const first = fenceOf(name.acquire('a'))
    name.release('a')
    const second = fenceOf(name.acquire('b'))
    expect(second).toBe(first + 1)
  })

  test('grows when the store’s clock steps back', () => {
    const name = new Name()
    const before = fenceOf(name.acquire('a'))
    name.release('a')
    name.nowMs -= 3_600_000
    expect(fenceOf(name.acquire('b'))).toBe(before + 1)
    name.release('b')
    name.nowMs += 7_200_000
    expect(fenceOf(name.acquire('c'))).toBe(name.nowMs * 1000)
  })

  test('grows over the loss of the name while the clock runs on', () => {
    const name = new Name()
    const before = fenceOf(name.acquire('a'))
    name.state = freeLease()
    name.nowMs += 1
    expect(fenceOf(name.acquire('b'))).toBeGreaterThan(before)
  })

  test('exceeds the floor that a free name begins with', () => {
    const name = new Name()
    name.state = freeLease(2_000_000_000_000_000)
    expect(fenceOf(name.acquire('a'))).toBe(2_000_000_000_000_001)
  })

  test('is a safe integer until the year 2255', () => {
    const name = new Name()
    name.nowMs = Date.UTC(2255, 0)
    expect(Number.isSafeInteger(fenceOf(name.acquire('a')))).toBe(true)
  })

  test('is not used up by a try that is refused', () => {
    const name = new Name()
    const first = fenceOf(name.acquire('a'))
    name.acquire('b')
    name.acquire('c')
    name.release('a')
    expect(fenceOf(name.acquire('d'))).toBe(first + 1)
  })
})

describe('extend', () => {
  test('moves the end to the TTL from now, later or sooner', () => {
    const name = new Name()
    name.acquire('a')
    name.nowMs += 900
    expect(name.extend('a', 5000).reply).toEqual({
      state: 'extended',
      remainingMs: 5000,
      storeNowMs: name.nowMs,
    })
    expect(name.holders[0]?.remainingMs).toBe(5000)
    expect(name.extend('a', 10).reply).toMatchObject({ state: 'extended', remainingMs: 10 })
    expect(name.holders[0]?.remainingMs).toBe(10)
  })

  test('keeps the fence', () => {
    const name = new Name()
    const fence = fenceOf(name.acquire('a'))
    name.extend('a')
    expect(name.holders[0]?.fence).toBe(fence)
  })

  test('never re-creates a lease: absent when nobody holds the name, taken when others do', () => {
    const name = new Name()
    expect(name.extend('a').reply.state).toBe('absent')
    name.acquire('a')
    name.nowMs += 1000
    expect(name.extend('a').reply.state).toBe('absent')
    expect(name.holding).toEqual([])
    name.acquire('b')
    expect(name.extend('a').reply.state).toBe('taken')
    expect(name.holders[0]).toMatchObject({ token: 'b', remainingMs: 1000 })
  })
})

describe('release', () => {
  test('frees what its token holds, once', () => {
    const name = new Name()
    name.acquire('a')
    expect(name.release('a').reply).toEqual({ state: 'released', storeNowMs: name.nowMs })
    expect(name.holding).toEqual([])
    expect(name.release('a').reply.state).toBe('absent')
  })

  test('never frees a stranger', () => {
    const name = new Name()
    name.acquire('a')
    name.nowMs += 1000
    name.acquire('b')
    expect(name.release('a').reply.state).toBe('taken')
    expect(name.holding).toEqual(['b'])
  })

  test('of a lease that has ended is absent', () => {
    const name = new Name()
    name.acquire('a')
    name.nowMs += 1000
    expect(name.release('a').reply.state).toBe('absent')
  })

  test('of one of several holders leaves the others', () => {
    const name = new Name()
    name.acquire('a', { capacity: 2 })
    name.acquire('b', { capacity: 2 })
    expect(name.release('a').reply.state).toBe('released')
    expect(name.holding).toEqual(['b'])
    expect(name.release('a').reply.state).toBe('taken')
  })
})

describe('a late command', () => {
  const notAfterMs = 1_700_000_000_500

  test('runs in the last millisecond, and does nothing after it', () => {
    const name = new Name()
    name.nowMs = notAfterMs
    expect(name.acquire('a', { notAfterMs }).reply.state).toBe('granted')
    name.release('a')
    name.nowMs += 1
    expect(name.acquire('b', { notAfterMs }).reply).toEqual({
      state: 'late',
      storeNowMs: name.nowMs,
    })
    expect(name.holding).toEqual([])
    expect(name.enqueue('c', { notAfterMs }).reply.state).toBe('late')
    expect(name.queued).toEqual([])
  })

  test('does not extend, not even its own lease', () => {
    const name = new Name()
    name.acquire('a')
    name.nowMs = notAfterMs + 1
    expect(name.extend('a', 9000, notAfterMs).reply.state).toBe('late')
    expect(name.acquire('a', { ttlMs: 9000, notAfterMs }).reply.state).toBe('late')
    expect(name.holders[0]?.remainingMs).toBe(499)
  })
})
