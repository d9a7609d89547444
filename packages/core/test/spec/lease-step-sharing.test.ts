import { describe, expect, test } from '@jest/globals'
import { leaseStep } from '../../src/spec/index.ts'
import { Name } from './lease-name.ts'

describe('permits', () => {
  const one = { units: 1, capacity: 3 }

  test('are granted while units fit', () => {
    const name = new Name()
    for (const token of ['a', 'b', 'c']) {
      expect(name.acquire(token, one).reply.state).toBe('granted')
    }
    expect(name.acquire('d', one).reply.state).toBe('held')
    name.release('b')
    expect(name.acquire('d', { units: 2, capacity: 3 }).reply.state).toBe('held')
    expect(name.acquire('d', one).reply.state).toBe('granted')
  })

  test('say when the first of them ends', () => {
    const name = new Name()
    name.acquire('a', { ...one, ttlMs: 3000 })
    name.acquire('b', { ...one, ttlMs: 700 })
    name.acquire('c', { ...one, ttlMs: 2000 })
    expect(name.acquire('d', one).reply).toMatchObject({ state: 'held', remainingMs: 700 })
  })

  test('end one by one', () => {
    const name = new Name()
    name.acquire('a', { ...one, ttlMs: 100 })
    name.acquire('b', { ...one, ttlMs: 200 })
    name.acquire('c', { ...one, ttlMs: 300 })
    name.nowMs += 200
    expect(name.holding).toEqual(['c'])
    expect(name.acquire('d', { units: 2, capacity: 3 }).reply.state).toBe('granted')
  })

  test('of all units are a writer: alone, while single units are readers', () => {
    const name = new Name()
    const [all, reader] = [
      { units: 2 ** 31, capacity: 2 ** 31 },
      { units: 1, capacity: 2 ** 31 },
    ]
    name.acquire('r1', reader)
    expect(name.acquire('r2', reader).reply.state).toBe('granted')
    expect(name.acquire('w', all).reply.state).toBe('held')
    name.release('r1')
    name.release('r2')
    expect(name.acquire('w', all).reply.state).toBe('granted')
    expect(name.acquire('r3', reader).reply.state).toBe('held')
  })
})

describe('another capacity', () => {
  test('is a mismatch while somebody holds the name', () => {
    const name = new Name()
    name.acquire('a', { capacity: 3 })
    expect(name.acquire('b').reply).toEqual({
      state: 'mismatch',
      capacity: 3,
      storeNowMs: name.nowMs,
    })
    expect(name.acquire('b', { capacity: 4 }).reply.state).toBe('mismatch')
    expect(name.holding).toEqual(['a'])
  })

  test('is welcome when the name is free: released, ended or never used', () => {
    const name = new Name()
    name.acquire('a', { capacity: 3 })
    name.release('a')
    expect(name.acquire('b', { capacity: 4 }).reply.state).toBe('granted')
    name.nowMs += 1000
    expect(name.acquire('c').reply.state).toBe('granted')
  })

  test('is a mismatch while somebody waits in the queue', () => {
    const name = new Name()
    name.enqueue('big', { units: 9, capacity: 3 })
    expect(name.acquire('b').reply.state).toBe('mismatch')
  })

  // The lease of the holder ended and the process that waited is gone: nobody uses the name.
  test('is welcome when only a dead waiter is left', () => {
    const name = new Name()
    name.acquire('a')
    name.enqueue('gone')
    name.dead.add('sub-gone')
    name.nowMs += 1000
    expect(name.acquire('c', { capacity: 3 }).reply.state).toBe('granted')
  })
})

describe('inspect', () => {
  test('shows no holder that has ended, and takes nothing from the queue', () => {
    const name = new Name()
    name.acquire('a')
    name.enqueue('b')
    name.nowMs += 1000
    expect(leaseStep.inspect(name.state, name.env)).toEqual({
      reply: { holders: [], capacity: 1, waiters: 1 },
      grants: [],
    })
    expect(name.queued).toEqual(['b'])
  })
})

describe('inspect tells the capacity', () => {
  const capacityOf = ({ state, env }: Name) => leaseStep.inspect(state, env).reply.capacity

  test('of who holds the name, of who waits for it, and of one when it is free', () => {
    const name = new Name()
    expect(capacityOf(name)).toBe(1)
    name.acquire('a', { capacity: 3 })
    expect(capacityOf(name)).toBe(3)
    name.enqueue('b', { capacity: 3, units: 3 })
    expect(capacityOf(name)).toBe(3)
    name.nowMs += 1000
    expect(capacityOf(name)).toBe(3)
    name.leave('b')
    expect(capacityOf(name)).toBe(1)
  })
})
