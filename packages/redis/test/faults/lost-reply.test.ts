import { describe, expect, test } from '@jest/globals'
import { codeOf, FaultWorld, until } from './fault-world.ts'

const world = new FaultWorld()

/** Far longer than the test: whoever gets the lock does not owe it to an expired lease. */
const ttl = '10m'

describe.each(['redis 6', 'redis 5'] as const)(
  'with %s, a reply lost after the command ran',
  (kind) => {
    async function throughProxy() {
      await world.teachScripts()
      const proxy = await world.proxy()
      const cut = await world.locks({ ttl, storeTimeout: '8s' }, { url: proxy.url('redis'), kind })
      const others = await world.locks({ ttl, wait: '50s' }, { kind })
      const loseReplies = async () => {
        proxy.reset()
        await proxy.restore()
      }
      return { proxy, cut, others, loseReplies }
    }

    test('of an acquire: it is undone, and the next one waits for a moment only', async () => {
      const { proxy, cut, others, loseReplies } = await throughProxy()
      proxy.dropReplies()
      const failure = codeOf(cut.acquire('job', { wait: 0 }))
      await world.holders('job', 1)
      const next = others.acquire('job')
      await loseReplies()
      expect(await failure).toBe('STORE_UNAVAILABLE')
      const lock = await next
      expect(lock.fence).toBe(await world.fence('job'))
      expect(await lock.release()).toBe(true)
      expect(await world.tokens('job')).toEqual([])
    })

    test('of acquires that went out as one: each is undone', async () => {
      const { proxy, cut, others, loseReplies } = await throughProxy()
      const names = Array.from({ length: 20 }, (_, i) => `job-${i}`)
      // Together they run a script of their own.
      await Promise.all(names.map(async (name) => (await others.acquire(name)).release()))
      proxy.dropReplies()
      const failures = names.map((name) => codeOf(cut.acquire(name, { wait: 0 })))
      for (const name of names) await world.holders(name, 1)
      const next = names.map((name) => others.acquire(name))
      await loseReplies()
      expect(new Set(await Promise.all(failures))).toEqual(new Set(['STORE_UNAVAILABLE']))
      for (const lock of await Promise.all(next)) expect(await lock.release()).toBe(true)
    })

    test('of an acquire with time to wait: it tries again and gets the lock', async () => {
      const { proxy, cut, loseReplies } = await throughProxy()
      proxy.dropReplies()
      const acquired = cut.acquire('job', { wait: '60s' })
      await world.holders('job', 1)
      await loseReplies()
      const lock = await acquired
      expect(await world.tokens('job')).toEqual([lock.token])
      expect(await lock.verify()).toBe(true)
    })

    test('of a place in the queue: it holds up nobody', async () => {
      const { proxy, cut, others, loseReplies } = await throughProxy()
      const lock = await others.acquire('job')
      await world.waitInVain(cut, 'job')
      proxy.dropReplies()
      const controller = new AbortController()
      const waiting = cut.acquire('job', { wait: '60s', signal: controller.signal })
      await world.queued('job', 1)
      const next = others.acquire('job')
      await world.queued('job', 2)
      controller.abort(new Error('not wanted any more'))
      await expect(waiting).rejects.toThrow('not wanted any more')
      await loseReplies()
      await lock.release()
      const second = await next
      expect(await second.release()).toBe(true)
      await world.queued('job', 0)
      await world.holders('job', 0)
    })

    test('of a renewal: the lock is kept, and renewed again', async () => {
      const { proxy, cut, loseReplies } = await throughProxy()
      const lock = await cut.acquire('job', { ttl: '30s' })
      proxy.dropReplies()
      const extended = codeOf(lock.extend('5m'))
      await until(async () => (await world.remainingMs('job')) > 60_000)
      await loseReplies()
      expect(await extended).toBe('STORE_UNAVAILABLE')
      expect(lock.held).toBe(true)
      expect(await lock.extend()).toBe(true)
      expect(await lock.release()).toBe(true)
    })

    test('of a release: it is repeated in vain and harms nobody', async () => {
      const { proxy, cut, others, loseReplies } = await throughProxy()
      const lock = await cut.acquire('job')
      proxy.dropReplies()
      const released = codeOf(lock.release())
      const next = await others.acquire('job')
      await loseReplies()
      expect(await released).toBe('STORE_UNAVAILABLE')
      expect(next.fence).toBeGreaterThan(lock.fence ?? Infinity)
      // Behind the repetition, on the same connection.
      expect(await cut.tryAcquire('job')).toBeNull()
      expect(await next.verify()).toBe(true)
    })
  },
)
