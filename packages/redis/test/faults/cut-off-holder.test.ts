import { describe, expect, test } from '@jest/globals'
import { FaultWorld, loss } from './fault-world.ts'

const world = new FaultWorld()
const ttlMs = 2500

describe.each([
  { renew: true, reason: 'unreachable' },
  { renew: false, reason: 'expired' },
])('a holder with renew: $renew', ({ renew, reason }) => {
  test('knows of its loss while the server is stopped', async () => {
    const locks = await world.locks({ ttl: ttlMs, renew, storeTimeout: '30s' })
    const others = await world.locks({ ttl: ttlMs })
    const lock = await locks.acquire('job')
    await world.redis.pause()
    try {
      // Without a word from the server.
      expect(await loss(lock)).toBe(reason)
      expect(lock.held).toBe(false)
      expect(lock.remaining).toBe(0)
      expect(() => lock.assertHeld()).toThrow(expect.objectContaining({ code: 'LOCK_LOST' }))
      expect(await lock.release()).toBe(false)
    } finally {
      world.redis.resume()
    }
    const next = await others.acquire('job', { wait: '60s' })
    expect(next.fence).toBeGreaterThan(lock.fence ?? Infinity)
    expect(lock.held).toBe(false)
  })

  test('knows of its loss in a partition, before anybody else gets the lock', async () => {
    const proxy = await world.proxy()
    const options = { ttl: ttlMs, renew, storeTimeout: '30s' } as const
    const locks = await world.locks(options, { url: proxy.url('redis') })
    const others = await world.locks({ ttl: '10m' })
    const lock = await locks.acquire('job')
    const order: string[] = []
    proxy.blackHole()
    const lost = loss(lock).then((why) => order.push(why))
    const next = others.acquire('job', { wait: '60s' }).then((taken) => {
      order.push('taken')
      return taken
    })
    await Promise.all([lost, next])
    expect(order).toEqual([reason, 'taken'])
    expect(lock.held).toBe(false)
    // What the first one had sent arrives now: it must neither renew nor free anything.
    await proxy.restore()
    expect(await locks.tryAcquire('job')).toBeNull()
    expect(await world.tokens('job')).toEqual([(await next).token])
    expect(await (await next).verify()).toBe(true)
  })
})
