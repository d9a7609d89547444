import { expect, test } from '@jest/globals'
import { FaultWorld, loss } from './fault-world.ts'

const world = new FaultWorld()

test.each([true, false])(
  'the signal fires before anybody else is granted, with no network after the acquire (renew: %p)',
  async (renew) => {
    const proxy = await world.proxy()
    const options = { ttl: 2500, grace: '1s', renew, storeTimeout: '30s' } as const
    const locks = await world.locks(options, { url: proxy.url('redis') })
    const others = await world.locks({ ttl: '10m' })
    const lock = await locks.acquire('job')
    proxy.blackHole()
    const times = { lostMs: 0, grantedMs: 0 }
    const lost = loss(lock).then((reason) => {
      times.lostMs = performance.now()
      return reason
    })
    const granted = others.acquire('job', { wait: '60s' }).then((next) => {
      times.grantedMs = performance.now()
      return next
    })
    expect(await lost).toBe(renew ? 'unreachable' : 'expired')
    const next = await granted
    expect(times.lostMs).toBeLessThan(times.grantedMs)
    expect(next.fence).toBeGreaterThan(lock.fence ?? Infinity)
    expect(lock.held).toBe(false)
    await proxy.restore()
  },
)
