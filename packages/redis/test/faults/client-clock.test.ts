import { expect, test } from '@jest/globals'
import { systemClock } from '../../src/index.ts'
import { FaultWorld, stillWaits } from './fault-world.ts'

const world = new FaultWorld()
const HOUR_MS = 3_600_000

test.each([HOUR_MS, -HOUR_MS])(
  'a client whose wall clock is off by %p ms, or steps by it, locks like any other [C25]',
  async (offMs) => {
    let shiftMs = offMs
    const clock = { ...systemClock, wall: () => Date.now() + shiftMs }
    const skewed = await world.locks({ clock, ttl: '20s', grace: 0 })
    const others = await world.locks({ ttl: '20s' })

    const first = await skewed.acquire('job')
    const ttlMs = await world.remainingMs('job')
    expect(ttlMs).toBeLessThanOrEqual(20_000)
    expect(ttlMs).toBeGreaterThan(first.remaining)
    expect(await others.tryAcquire('job')).toBeNull()

    shiftMs = -offMs
    expect(first.held).toBe(true)
    expect(await first.extend()).toBe(true)
    expect(await first.verify()).toBe(true)
    const next = others.acquire('job', { wait: '60s' })
    await world.queued('job', 1)
    expect(await stillWaits(next)).toBe(true)
    expect(await first.release()).toBe(true)

    const second = await next
    const last = skewed.acquire('job', { wait: '60s' })
    await world.queued('job', 1)
    shiftMs = offMs
    await second.release()
    const third = await last
    expect(third.held).toBe(true)
    expect(third.fence).toBeGreaterThan(second.fence ?? Infinity)
    expect(second.fence).toBeGreaterThan(first.fence ?? Infinity)
  },
)
