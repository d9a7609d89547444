import { describe, expect, test } from '@jest/globals'
import { fenceOf, granted, Name } from './lease-name.ts'

test('who extends is told of a theft all the same', () => {
  const name = new Name()
  name.acquire('a', { subscriber: 'sub-a' })
  name.extend('a')
  expect(name.steal('thief').losses).toMatchObject([{ token: 'a', subscriber: 'sub-a' }])
})

describe('a hand-over', () => {
  test('gives the lease another token, which keeps fence, units and age', () => {
    const name = new Name()
    name.acquire('a', { units: 2, capacity: 3 })
    name.acquire('b', { units: 1, capacity: 3 })
    const [before] = name.holders
    name.nowMs += 600
    expect(name.handOver('a', 'c').reply).toMatchObject({ state: 'extended', remainingMs: 1000 })
    expect(name.holders[0]).toEqual({ ...before, token: 'c', remainingMs: 1000 })
    expect(name.holding).toEqual(['c', 'b'])
  })

  test('may be repeated, and happens once', () => {
    const name = new Name()
    name.acquire('a')
    name.handOver('a', 'b')
    name.nowMs += 600
    expect(name.handOver('a', 'b').reply).toMatchObject({ state: 'extended' })
    expect(name.holders[0]?.remainingMs).toBe(1000)
    expect(name.handOver('a', 'c').reply.state).toBe('taken')
    expect(name.extend('a').reply.state).toBe('taken')
    expect(name.holding).toEqual(['b'])
  })

  test('needs a lease, and creates none', () => {
    const name = new Name()
    expect(name.handOver('a', 'b').reply.state).toBe('absent')
    name.acquire('a')
    name.nowMs += 1000
    expect(name.handOver('a', 'b').reply.state).toBe('absent')
    expect(name.holding).toEqual([])
  })
})

describe('a steal', () => {
  test('takes the name from its holder, whom it tells, with a greater fence', () => {
    const name = new Name()
    const fence = fenceOf(name.acquire('a', { subscriber: 'sub-a' }))
    const stolen = name.steal('b')
    const thiefFence = fenceOf(stolen)
    expect(thiefFence).toBeGreaterThan(fence)
    expect(stolen.losses).toEqual([{ token: 'a', subscriber: 'sub-a', thiefFence }])
    expect(name.holding).toEqual(['b'])
    expect(name.extend('a').reply.state).toBe('taken')
  })

  test('leaves the queue as it is, which comes after the thief', () => {
    const name = new Name()
    name.acquire('a')
    name.enqueue('b')
    expect(name.steal('c').grants).toEqual([])
    expect(name.queued).toEqual(['b'])
    expect(granted(name.release('c'))).toEqual(['b'])
  })

  test('goes ahead of who waits for a lease that has ended', () => {
    const name = new Name()
    name.acquire('a')
    name.enqueue('b')
    name.nowMs += 1000
    expect(name.steal('c')).toMatchObject({ grants: [], losses: [] })
    expect(name.holding).toEqual(['c'])
  })

  test('repeated by the thief re-sets the TTL and tells nobody', () => {
    const name = new Name()
    name.acquire('a', { subscriber: 'sub-a' })
    const fence = fenceOf(name.steal('b'))
    name.nowMs += 600
    const again = name.steal('b')
    expect(fenceOf(again)).toBe(fence)
    expect(again.losses ?? []).toEqual([])
    expect(name.holders[0]?.remainingMs).toBe(1000)
  })

  test('takes all of the capacity from all who share it, and no other capacity', () => {
    const name = new Name()
    for (const token of ['a', 'b']) name.acquire(token, { units: 1, capacity: 3 })
    expect(name.steal('c').reply).toMatchObject({ state: 'mismatch', capacity: 3 })
    expect(name.holding).toEqual(['a', 'b'])
    name.steal('c', { capacity: 3 })
    expect(name.holders).toMatchObject([{ token: 'c', units: 3 }])
    expect(name.acquire('a', { units: 1, capacity: 3 }).reply.state).toBe('held')
  })

  test('that comes late does nothing', () => {
    const name = new Name()
    name.acquire('a')
    expect(name.steal('b', { notAfterMs: name.nowMs - 1 }).reply.state).toBe('late')
    expect(name.holding).toEqual(['a'])
  })

  test('is told to waiters that were granted, and to nobody after a hand-over', () => {
    const name = new Name()
    name.acquire('a')
    name.enqueue('b')
    name.release('a')
    expect(name.steal('c', { subscriber: 'sub-c' }).losses).toMatchObject([
      { token: 'b', subscriber: 'sub-b' },
    ])
    name.handOver('c', 'd')
    expect(name.steal('e').losses).toEqual([])
  })
})
