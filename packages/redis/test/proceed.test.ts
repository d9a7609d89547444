import { setImmediate } from 'node:timers/promises'
import { describe, expect, test } from '@jest/globals'
import type { Lock, Locks } from '../src/index.ts'
import { FaultWorld } from './faults/fault-world.ts'

const world = new FaultWorld()

/** aiocache's RedLock: the lease is the longest wait too, and who has waited goes on without the lock. */
const redLock = <T>(locks: Locks, leaseMs: number, work: (lock: Lock | null) => T | Promise<T>) =>
  locks.request('report', { ttl: leaseMs, wait: leaseMs, onTimeout: 'proceed' }, work)

describe('seed: aiocache RedLock', () => {
  test('all wait for the first, across clients, and find its result', async () => {
    const all = await Promise.all(Array.from({ length: 5 }, () => world.locks()))
    const cache = new Map<string, number>()
    let computed = 0
    const reports = all.map((locks) =>
      redLock(locks, 60_000, async (lock) => {
        expect(lock?.held).toBe(true)
        const cached = cache.get('report')
        if (cached !== undefined) return cached
        for (let turn = 0; turn < 5; turn++) await setImmediate()
        cache.set('report', ++computed)
        return computed
      }),
    )
    expect(await Promise.all(reports)).toEqual([1, 1, 1, 1, 1])
    expect(await world.tokens('report')).toEqual([])
  })

  test('who has waited for the lease goes on without it, and leaves the holder alone', async () => {
    const [slow, other] = [await world.locks(), await world.locks()]
    const held = await slow.acquire('report', { ttl: '10m' })
    const sinceMs = performance.now()
    expect(await redLock(other, 400, (lock) => lock)).toBeNull()
    expect(performance.now() - sinceMs).toBeGreaterThanOrEqual(399)
    expect(await held.verify()).toBe(true)
    await world.queued('report', 0)
    expect(await held.release()).toBe(true)
  })
})
