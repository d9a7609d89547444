import { describe, expect, test } from '@jest/globals'
import type { Waiter } from '../../src/contract/lease-store.ts'
import { freeLease, type LeaseState, leaseStep } from '../../src/spec/index.ts'
import { SeededRandom } from '../helpers/seeded-random.ts'

/** One name in a store whose clock and subscribers the test controls. */
class Name {
  state: LeaseState = freeLease()
  nowMs = 1_700_000_000_000
  readonly dead = new Set<string>()

  get env() {
    return { nowUs: this.nowMs * 1000, alive: (subscriber: string) => !this.dead.has(subscriber) }
  }
  acquire(token: string, more: Partial<Parameters<typeof leaseStep.acquire>[1]> = {}) {
    return leaseStep.acquire(this.state, { token, ttlMs: 1000, ...more }, this.env)
  }
  /** Acquires or waits in the queue. */
  enqueue(token: string, more: Partial<Parameters<typeof leaseStep.acquire>[1]> = {}) {
    return this.acquire(token, { waiter: waiter(token), ...more })
  }
  extend(token: string, ttlMs = 1000, notAfterMs?: number) {
    const guard = notAfterMs === undefined ? {} : { notAfterMs }
    return leaseStep.extend(this.state, { token, ttlMs, ...guard }, this.env)
  }
  steal(token: string, more: Partial<Parameters<typeof leaseStep.steal>[1]> = {}) {
    return leaseStep.steal(this.state, { token, ttlMs: 1000, ...more }, this.env)
  }
  handOver(token: string, newToken: string, ttlMs = 1000) {
    return leaseStep.extend(this.state, { token, newToken, ttlMs }, this.env)
  }
  release(token: string) {
    return leaseStep.release(this.state, { token }, this.env)
  }
  leave(token: string) {
    return leaseStep.leave(this.state, { token }, this.env)
  }
  get holders() {
    return leaseStep.inspect(this.state, this.env).reply.holders
  }
  get holding() {
    return this.holders.map(({ token }) => token)
  }
  get queued() {
    return [...this.state.queue.keys()]
  }
}

const waiter = (token: string): Waiter => ({ subscriber: `sub-${token}`, grantMs: 500 })
const granted = (step: { grants: readonly { token: string }[] }) =>
  step.grants.map(({ token }) => token)
/** The fence of a grant that must be one. */
function fenceOf(step: ReturnType<Name['acquire']>): number {
  if (step.reply.state !== 'granted') throw new Error(`the acquire was ${step.reply.state}`)
  return step.reply.fence ?? Number.NaN
}

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

test('who extends is told of a theft all the same', () => {
  const name = new Name()
  name.acquire('a', { subscriber: 'sub-a' })
  name.extend('a')
  expect(name.steal('thief').losses).toEqual([{ token: 'a', subscriber: 'sub-a' }])
})

test('who says nothing of a subscriber has none', () => {
  const name = new Name()
  name.acquire('a')
  expect(name.state.holders.get('a')).not.toHaveProperty('subscriber')
  name.steal('thief')
  expect(name.state.holders.get('thief')).not.toHaveProperty('subscriber')
})

describe('whatever is sent', () => {
  test.each([1, 2, 3, 4])('the rules hold (seed %p)', (seed) => {
    const random = new SeededRandom(seed)
    const name = new Name()
    let lastFence = 0
    let grantCount = 0
    const broken: string[] = []
    const rule = (what: string, holds: boolean) => holds || broken.push(what)
    const tokens = ['a', 'b', 'c', 'd', 'e', 'f']
    for (let round = 0; round < 3000; round++) {
      const token = random.pick(tokens)
      const wasHolding = name.holding.includes(token)
      const more = { units: 1 + random.below(3), capacity: 3, ttlMs: 1 + random.below(400) }
      if (random.below(20) === 0) name.dead.add(`sub-${random.pick(tokens)}`)
      if (random.below(20) === 0) name.dead.clear()
      const { reply, grants } = random.pick<() => ReturnType<Name['acquire' | 'leave']>>([
        () => name.acquire(token, more),
        () => name.enqueue(token, more),
        () => name.enqueue(token, more),
        () => name.extend(token, more.ttlMs) as never,
        () => name.release(token) as never,
        () => name.leave(token),
      ])()

      const fences = grants.map(({ fence }) => fence)
      if (reply.state === 'granted' && !wasHolding) fences.push(reply.fence ?? Number.NaN)
      grantCount += fences.length
      for (const fence of fences.toSorted((x, y) => x - y)) {
        rule('fences grow', fence > lastFence)
        lastFence = fence
      }
      const used = name.holders.reduce((sum, holder) => sum + holder.units, 0)
      rule('units fit', used <= 3)
      rule(
        'holders have time left',
        name.holders.every((holder) => holder.remainingMs > 0),
      )
      rule(
        'nobody holds and waits',
        name.holding.every((holding) => !name.queued.includes(holding)),
      )
      rule(
        'the dead get nothing',
        grants.every(({ subscriber }) => !name.dead.has(subscriber)),
      )
      name.nowMs += random.below(60)
      if (random.below(200) === 0) name.nowMs -= random.below(5000)
    }
    expect(broken).toEqual([])
    expect(grantCount).toBeGreaterThan(300)
  })
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
    expect(stolen.losses).toEqual([{ token: 'a', subscriber: 'sub-a' }])
    expect(fenceOf(stolen)).toBeGreaterThan(fence)
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
    expect(name.steal('c', { subscriber: 'sub-c' }).losses).toEqual([
      { token: 'b', subscriber: 'sub-b' },
    ])
    name.handOver('c', 'd')
    expect(name.steal('e').losses).toEqual([])
  })
})
