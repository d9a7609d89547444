import { describe, expect, jest, test } from '@jest/globals'
import {
  cacheStoreConformance,
  leaseStoreConformance,
  type Runner,
} from '../../src/conformance/index.ts'
import type { CacheStore, LeaseStore } from '../../src/index.ts'
import { Collector } from './collect.ts'
import { stepCacheStore, stepLeaseStore } from './step-store.ts'

const LATE = 'a late acquire takes nothing'

/** Every time is whole steps, as memcached's: no fence, and no word about its own clock. */
function coarseLeaseStore(): LeaseStore {
  const store = stepLeaseStore(300)
  return {
    ...store,
    facts: { ...store.facts, fencing: false },
    acquire: async (request) => withoutClock(await store.acquire(withoutLimit(request))),
    extend: async (request) => withoutClock(await store.extend(withoutLimit(request))),
  }
}

function coarseCacheStore(): CacheStore {
  const store = stepCacheStore(300)
  return {
    ...store,
    lease: async (request) => withoutClock(await store.lease(withoutLimit(request))),
    write: async (request) => withoutClock(await store.write(withoutLimit(request))),
  }
}

function withoutClock<Reply extends object>(reply: Reply): Reply {
  const { storeNowMs: _, ...rest } = { storeNowMs: 0, ...reply }
  return rest as Reply
}

function withoutLimit<Request extends object>(request: Request): Request {
  const { notAfterMs: _, ...rest } = { notAfterMs: 0, ...request }
  return rest as Request
}

/** Grants whatever is asked. */
const noStore = (): LeaseStore => ({
  facts: { ttlResolutionMs: 1, durability: 'none', fencing: false, exclusive: false },
  acquire: async ({ ttlMs }) => ({ state: 'granted', remainingMs: ttlMs }),
  extend: async ({ ttlMs }) => ({ state: 'extended', remainingMs: ttlMs }),
  release: async () => ({ state: 'released' }),
  inspect: async () => ({ holders: [], capacity: 1, waiters: 0 }),
})

async function ran(create: () => LeaseStore): Promise<Collector> {
  const collector = new Collector()
  leaseStoreConformance(collector, { create })
  return collector.run()
}

describe('a rule', () => {
  test('waits as long as the store’s steps demand', async () => {
    const lease = new Collector()
    leaseStoreConformance(lease, { create: coarseLeaseStore })
    const cache = new Collector()
    cacheStoreConformance(cache, { create: coarseCacheStore })
    await Promise.all([lease.run(), cache.run()])
    expect([...lease.outcomes, ...cache.outcomes].filter(([, { error }]) => error)).toEqual([])
    expect(cache.in('skipped')).toContain('a late write changes nothing')
  })

  test('gets a store of its own, closed afterwards', async () => {
    let opened = 0
    let closed = 0
    await ran(() => {
      opened++
      return {
        ...stepLeaseStore(),
        async close() {
          closed++
        },
      }
    })
    // One more for the facts, two by the rule about closing.
    expect(opened).toBeGreaterThan(50)
    expect(closed).toBe(opened + 2)
  })

  test('that was too slow for its own question is asked again', async () => {
    let pauses = 3
    const rule = 'an extend by another token does not prolong the lease'
    const collector = new Collector()
    leaseStoreConformance(collector, {
      create() {
        const store = stepLeaseStore()
        return {
          ...store,
          async acquire(request) {
            const reply = await store.acquire(request)
            if (pauses-- > 0) await new Promise((resolve) => setTimeout(resolve, request.ttlMs))
            return reply
          },
        }
      },
    })
    await collector.run(rule)
    expect(collector.outcomes.get(rule)).toEqual({ state: 'passed' })
    pauses = Number.POSITIVE_INFINITY
    await collector.run(rule)
    expect(String(collector.outcomes.get(rule)?.error)).toMatch('too slow')
  })
})

describe('what a store cannot be held to', () => {
  const skippedFor = (collector: Collector, reason: string) =>
    collector.in('skipped').filter((title) => title.endsWith(`(skipped: ${reason})`))

  test('is skipped by name: fences', async () => {
    const store = () => {
      const { facts, ...rest } = stepLeaseStore()
      return { ...rest, facts: { ...facts, fencing: false } }
    }
    const collector = await ran(store)
    const reason = 'the store mints no fences: facts.fencing is false'
    expect(skippedFor(collector, reason)).toContain(
      `a repeated acquire keeps the fence (skipped: ${reason})`,
    )
    expect(collector.in('failed')).toEqual([])
  })

  test('is skipped by name: exclusion, closing, the crash of a program', async () => {
    const collector = await ran(noStore)
    const reason = 'the store excludes nobody: facts.exclusive is false'
    expect(skippedFor(collector, reason).length).toBeGreaterThan(40)
    expect(skippedFor(collector, 'the store has no close()')).toHaveLength(1)
    expect(collector.in('passed')).toEqual([
      'a free name is granted',
      'a grant says which TTL the store has set',
      'a repeated acquire by the holder is granted again',
    ])
    expect(collector.in('failed')).toEqual([])
    expect(skippedFor(await ran(stepLeaseStore), 'no holder program was given')).toHaveLength(1)
  })

  test('passes under a telling name where a runner cannot skip', () => {
    const titles: string[] = []
    const runner: Runner = {
      describe: (_, define) => define(),
      test: (title) => titles.push(title),
    }
    leaseStoreConformance(runner, { create: noStore })
    expect(titles).toContain('a store may be closed twice (skipped: the store has no close())')
  })

  describe('and only its replies tell, is skipped', () => {
    /** The case about a late acquire, on a store that tells no time. */
    const lateCase = () => {
      let found: (this: unknown, ...given: unknown[]) => Promise<void> = async () => {}
      const runner: Runner = {
        describe: (_, define) => define(),
        test(title, run) {
          if (title === LATE) found = run
        },
      }
      leaseStoreConformance(runner, { create: coarseLeaseStore })
      return found
    }
    const reason = 'its replies tell no store time'

    test('by the argument of the case', async () => {
      const skip = jest.fn()
      await lateCase().call({}, { skip })
      expect(skip).toHaveBeenCalledWith(reason)
    })

    test('by the `this` of the case, whose time is set, too', async () => {
      const skip = jest.fn()
      const timeout = jest.fn()
      await lateCase().call({ skip, timeout })
      expect(skip).toHaveBeenCalledWith(reason)
      expect(timeout).toHaveBeenCalledWith(180_000)
    })

    test('by a line on the console where a runner has neither', async () => {
      const log = jest.spyOn(console, 'log').mockImplementation(() => {})
      try {
        await lateCase().call(undefined)
        expect(log).toHaveBeenCalledWith(`skipped: ${LATE} (${reason})`)
      } finally {
        log.mockRestore()
      }
    })
  })
})

describe('a suite', () => {
  test('is registered at once, or when the first store is there', async () => {
    const atOnce = new Collector()
    expect(leaseStoreConformance(atOnce, { create: stepLeaseStore })).toBeUndefined()
    expect(atOnce.titles[0]).toBe('a lease store keeps the rules of LeaseStore')

    const later = new Collector()
    const registered = cacheStoreConformance(later, {
      name: 'mine',
      create: async () => stepCacheStore(),
    })
    expect(later.titles).toEqual([])
    await registered
    expect(later.titles[0]).toBe('mine keeps the rules of CacheStore')
    expect((await later.run('a written value is read')).in('passed')).toHaveLength(1)
  })

  test('whose first store cannot be closed is registered all the same', () => {
    const collector = new Collector()
    leaseStoreConformance(collector, {
      create: () => ({ ...stepLeaseStore(), close: () => Promise.reject(new Error('no')) }),
    })
    expect(collector.titles).toContain('close')
  })

  test('has one name per rule', () => {
    for (const suite of [leaseSuite, cacheSuite]) {
      const titles: string[] = []
      suite({ describe: (_, define) => define(), test: (title) => titles.push(title) })
      expect(titles.length).toBeGreaterThan(50)
      expect(new Set(titles).size).toBe(titles.length)
    }
  })
})

const leaseSuite = (runner: Runner) => leaseStoreConformance(runner, { create: stepLeaseStore })
const cacheSuite = (runner: Runner) => cacheStoreConformance(runner, { create: stepCacheStore })
