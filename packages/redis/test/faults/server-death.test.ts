import { describe, expect, test } from '@jest/globals'
import { isLocksError, type Locks } from '../../src/index.ts'
import { codeOf, FaultWorld, loss } from './fault-world.ts'
import { Witness } from './witness.ts'

const world = new FaultWorld()

/** Waits, works and releases: `true`, or the code of what came instead. */
async function workOnce(locks: Locks, witness: Witness): Promise<true | string> {
  try {
    await locks.request('job', (lock) => witness.work(lock))
    return true
  } catch (error) {
    if (isLocksError(error)) return error.code
    throw error
  }
}

describe.each(['redis 6', 'redis 5'] as const)(
  'with %s, a server killed while many wait',
  (kind) => {
    test('gives each a typed error, by its own wait and one deadline', async () => {
      const options = { ttl: '10m', wait: '8s', storeTimeout: '3s' } as const
      const locks = await world.locks(options, { kind })
      const lock = await locks.acquire('job')
      const waiting = Array.from({ length: 20 }, () => codeOf(locks.acquire('job')))
      await world.queued('job', 20)
      await world.redis.kill()
      for (const code of await Promise.all(waiting)) {
        expect(['STORE_UNAVAILABLE', 'LOCK_TIMEOUT']).toContain(code)
      }
      // By its own clock, and the store has said nothing to the contrary.
      expect(lock.held).toBe(true)
      expect(await codeOf(lock.release())).toBe('STORE_UNAVAILABLE')
      expect(await codeOf(locks.acquire('job', { wait: 0 }))).toBe('STORE_UNAVAILABLE')
    })

    test('and restarted empty: each of 100 ends by its own wait, and works alone', async () => {
      const options = { ttl: '5s', wait: '20s', storeTimeout: '3s' } as const
      const all = await Promise.all([1, 2].map(() => world.locks(options, { kind })))
      const holder = await world.locks(options, { kind })
      const lock = await holder.acquire('job')
      const lost = loss(lock)
      const witness = new Witness()
      const ends = Array.from({ length: 100 }, (_, i) => workOnce(all[i % 2] as Locks, witness))
      await world.queued('job', 100)
      await world.reach()
      expect(['deleted', 'stolen', 'unreachable']).toContain(await lost)
      const outcomes = await Promise.all(ends)
      const others = new Set(outcomes.filter((outcome) => outcome !== true))
      for (const code of others) expect(['STORE_UNAVAILABLE', 'LOCK_TIMEOUT']).toContain(code)
      expect(outcomes.filter((outcome) => outcome === true).length).toBeGreaterThan(0)
      expect(witness.overlaps).toBe(0)
      expect(witness.fencesGrow).toBe(true)
      expect(witness.fences[0]).toBeGreaterThan(lock.fence ?? Infinity)
    })
  },
)
