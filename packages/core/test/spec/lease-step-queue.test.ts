import { describe, expect, test } from '@jest/globals'
import { granted, Name } from './lease-name.ts'

describe('the queue', () => {
  test('is served first come, first served, with each waiter’s own grant TTL', () => {
    const name = new Name()
    name.acquire('a')
    for (const token of ['b', 'c', 'd']) {
      expect(name.enqueue(token).reply.state).toBe('held')
      name.nowMs += 10
    }
    expect(name.queued).toEqual(['b', 'c', 'd'])
    const first = name.release('a')
    expect(first.grants).toEqual([
      {
        token: 'b',
        subscriber: 'sub-b',
        fence: name.nowMs * 1000,
        remainingMs: 500,
        enqueuedAtMs: 1_700_000_000_000,
        grantedAtMs: 1_700_000_000_030,
      },
    ])
    expect(name.holders).toMatchObject([{ token: 'b', remainingMs: 500 }])
    expect(granted(name.release('b'))).toEqual(['c'])
    expect(granted(name.release('c'))).toEqual(['d'])
    expect(granted(name.release('d'))).toEqual([])
  })

  test('is not jumped by a try that would not wait', () => {
    const name = new Name()
    name.acquire('a')
    name.enqueue('b')
    name.nowMs += 1000
    const step = name.acquire('c')
    expect(step.reply.state).toBe('held')
    expect(granted(step)).toEqual(['b'])
    expect(name.queued).toEqual([])
  })

  test('grants the longest prefix that fits, and nobody past the first who does not', () => {
    const name = new Name()
    const capacity = 4
    name.acquire('all', { units: 4, capacity })
    name.enqueue('one', { units: 1, capacity })
    name.enqueue('two', { units: 2, capacity })
    name.enqueue('three', { units: 3, capacity })
    name.enqueue('small', { units: 1, capacity })
    expect(granted(name.release('all'))).toEqual(['one', 'two'])
    expect(name.queued).toEqual(['three', 'small'])
    expect(granted(name.release('two'))).toEqual(['three'])
    expect(name.holding).toEqual(['one', 'three'])
  })

  test('grants each in one turn a fence of its own, in queue order', () => {
    const name = new Name()
    name.acquire('all', { units: 2, capacity: 2 })
    name.enqueue('b', { capacity: 2 })
    name.enqueue('c', { capacity: 2 })
    const fences = name.release('all').grants.map(({ fence }) => fence)
    expect(fences[1]).toBe((fences[0] ?? 0) + 1)
  })

  test('skips a waiter whose subscriber is gone, and forgets it', () => {
    const name = new Name()
    name.acquire('a')
    for (const token of ['b', 'c', 'd']) name.enqueue(token)
    name.dead.add('sub-b')
    name.dead.add('sub-c')
    expect(granted(name.release('a'))).toEqual(['d'])
    expect(name.queued).toEqual([])
    expect(name.holding).toEqual(['d'])
  })

  // A dead writer at the head must not keep readers out for as long as other readers renew.
  test('skips a dead waiter that would not fit: it keeps nobody waiting', () => {
    const name = new Name()
    name.acquire('reader', { units: 1, capacity: 4 })
    name.enqueue('writer', { units: 4, capacity: 4 })
    name.dead.add('sub-writer')
    expect(name.enqueue('next', { units: 1, capacity: 4 }).reply.state).toBe('granted')
    expect(name.queued).toEqual([])
  })

  test('grants the caller’s own token by its reply, with its full TTL and no push', () => {
    const name = new Name()
    name.acquire('a')
    name.enqueue('b', { ttlMs: 9000 })
    name.nowMs += 1000
    const step = name.enqueue('b', { ttlMs: 9000 })
    expect(step.reply).toMatchObject({ state: 'granted', remainingMs: 9000 })
    expect(step.grants).toEqual([])
    expect(name.holders).toMatchObject([{ token: 'b', remainingMs: 9000 }])
  })

  test('grants the caller’s own token even when its subscriber seems gone', () => {
    const name = new Name()
    name.dead.add('sub-b')
    expect(name.enqueue('b').reply.state).toBe('granted')
  })

  test('keeps the place of a token that is sent again', () => {
    const name = new Name()
    name.acquire('a')
    name.enqueue('b')
    name.enqueue('c')
    name.nowMs += 100
    expect(name.enqueue('b').reply.state).toBe('held')
    expect(name.queued).toEqual(['b', 'c'])
    expect(granted(name.release('a'))).toEqual(['b'])
  })

  test('is left by a token that tries again without waiting', () => {
    const name = new Name()
    name.acquire('a')
    name.enqueue('b')
    expect(name.acquire('b').reply.state).toBe('held')
    expect(name.queued).toEqual([])
  })

  test('has no place for a holder: its repeated acquire stays a grant', () => {
    const name = new Name()
    name.acquire('a')
    expect(name.enqueue('a').reply.state).toBe('granted')
    expect(name.queued).toEqual([])
  })

  test('serves the next when the lease of a pushed grant ends', () => {
    const name = new Name()
    name.acquire('a')
    name.enqueue('b')
    name.enqueue('c')
    name.release('a')
    name.nowMs += 500
    const step = name.enqueue('d')
    expect(granted(step)).toEqual(['c'])
    expect(step.reply).toMatchObject({ state: 'held', remainingMs: 500 })
  })

  test('of a request that can never fit answers held, for no known time', () => {
    const name = new Name()
    expect(name.acquire('a', { units: 5, capacity: 3 }).reply).toMatchObject({
      state: 'held',
      remainingMs: Number.POSITIVE_INFINITY,
    })
    expect(name.holding).toEqual([])
    expect(name.queued).toEqual([])
  })
})

describe('leave', () => {
  test('gives up a place in the queue', () => {
    const name = new Name()
    name.acquire('a')
    name.enqueue('b')
    name.enqueue('c')
    expect(name.leave('b').reply).toEqual({ state: 'left', storeNowMs: name.nowMs })
    expect(granted(name.release('a'))).toEqual(['c'])
  })

  test('after the grant gives the lease on', () => {
    const name = new Name()
    name.acquire('a')
    name.enqueue('b')
    name.enqueue('c')
    name.release('a')
    const step = name.leave('b')
    expect(step.reply.state).toBe('released')
    expect(granted(step)).toEqual(['c'])
  })

  test('of a head that did not fit serves those behind it', () => {
    const name = new Name()
    name.acquire('a', { units: 1, capacity: 3 })
    name.enqueue('big', { units: 3, capacity: 3 })
    name.enqueue('small', { units: 1, capacity: 3 })
    expect(granted(name.leave('big'))).toEqual(['small'])
  })

  test('of a stranger changes nothing', () => {
    const name = new Name()
    name.acquire('a')
    name.enqueue('b')
    expect(name.leave('x').reply.state).toBe('absent')
    expect(name.holding).toEqual(['a'])
    expect(name.queued).toEqual(['b'])
  })
})

describe('whoever asks is told whether it was known before:', () => {
  const kept = (step: ReturnType<Name['acquire']>) =>
    'kept' in step.reply ? step.reply.kept : undefined

  test('a holder, a waiter, a waiter that stops to wait', () => {
    const name = new Name()
    expect(kept(name.acquire('a'))).toBe(false)
    expect(kept(name.acquire('a'))).toBe(true)
    expect(kept(name.enqueue('b'))).toBe(false)
    expect(kept(name.enqueue('b'))).toBe(true)
    expect(kept(name.acquire('b'))).toBe(true)
    expect(kept(name.acquire('b'))).toBe(false)
  })

  test('a waiter that finds itself served', () => {
    const name = new Name()
    name.acquire('a')
    name.enqueue('b')
    name.nowMs += 1000
    expect(kept(name.acquire('b'))).toBe(true)
    expect(name.holding).toEqual(['b'])
  })
})

test('who is queued again keeps the units and the time of its first request', () => {
  const name = new Name()
  name.acquire('a', { capacity: 3, units: 3 })
  name.enqueue('b', { capacity: 3, units: 1 })
  const asked = structuredClone(name.state.queue.get('b'))
  name.nowMs += 10
  name.enqueue('b', { capacity: 3, units: 2 })
  expect(name.state.queue.get('b')).toEqual(asked)
})

test('who is gone keeps its place until its turn comes', () => {
  const name = new Name()
  name.acquire('a')
  name.enqueue('b')
  name.dead.add('sub-b')
  name.enqueue('c')
  expect(name.queued).toEqual(['b', 'c'])
})

test('who says nothing of a subscriber has none', () => {
  const name = new Name()
  name.acquire('a')
  expect(name.state.holders.get('a')).not.toHaveProperty('subscriber')
  name.steal('thief')
  expect(name.state.holders.get('thief')).not.toHaveProperty('subscriber')
})
