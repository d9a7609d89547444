import { describe, expect, test } from '@jest/globals'
import { FaultWorld } from './fault-world.ts'
import { Witness } from './witness.ts'

const world = new FaultWorld()

describe.each(['redis 6', 'redis 5'] as const)(
  'with %s, a server that forgets its scripts',
  (kind) => {
    test('is taught them anew by each operation', async () => {
      const locks = await world.locks({ ttl: '30s' }, { kind })
      const flush = () => world.direct.call('SCRIPT', 'FLUSH')
      await flush()
      const lock = await locks.acquire('job')
      await flush()
      expect(await lock.extend()).toBe(true)
      await flush()
      expect(await lock.verify()).toBe(true)
      await flush()
      expect(await locks.tryAcquire('job')).toBeNull()
      await flush()
      expect(await lock.release()).toBe(true)
    })

    test('forgets them all the time: everybody is served, one at a time', async () => {
      const locks = await world.locks({ ttl: '30s', wait: '60s' }, { kind })
      const others = await world.locks({ ttl: '30s', wait: '60s' }, { kind })
      const witness = new Witness()
      let flushes = 0
      let done = false
      const flushing = (async () => {
        for (; !done; flushes++) await world.direct.call('SCRIPT', 'FLUSH')
      })()
      await Promise.all(
        Array.from({ length: 40 }, (_, i) =>
          (i % 2 ? locks : others).request('job', (lock) => witness.work(lock)),
        ),
      )
      done = true
      await flushing
      expect(flushes).toBeGreaterThan(0)
      expect(witness.fences).toHaveLength(40)
      expect(witness.fencesGrow).toBe(true)
      expect(witness.overlaps).toBe(0)
    })
  },
)
