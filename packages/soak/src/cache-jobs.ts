import { setTimeout as sleep } from 'node:timers/promises'
import type { Job } from './job.ts'

/** Short-lived keys are new each time, so whatever is kept of one that is gone adds up. */
const HOT = 20

export const cacheJobs: Readonly<Record<string, Job>> = {
  hit: ({ cache }, n) => cache.getOrSet(`hot:${n % HOT}`, () => n, { ttl: '30s', grace: '10s' }),

  miss: ({ cache }, n) => cache.getOrSet(`once:${process.pid}:${n}`, () => n, { ttl: 1000 }),

  async herd({ cache }, n) {
    const load = async () => {
      await sleep(2)
      return n
    }
    const key = `herd:${Math.floor(Date.now() / 50)}`
    await Promise.all([1, 2, 3].map(() => cache.getOrSet(key, load, { ttl: 1000 })))
  },

  tagged: async ({ cache }, n) => {
    const tags = [`tag:${n % HOT}`]
    await cache.getOrSet(`tagged:${n % HOT}`, () => n, { ttl: '30s', tags })
    if (n % 10 === 0) await cache.invalidateTags(tags)
  },

  near: async ({ near }, n) => {
    const key = `near:${n % (10 * HOT)}`
    await near.getOrSet(key, () => n, { ttl: '10s' })
    if (n % 25 === 0) await near.set(key, n, { ttl: '10s' })
  },

  deleted: async ({ cache }, n) => {
    const key = `gone:${process.pid}:${n}`
    await cache.set(key, n, { ttl: 1000 })
    await cache.delete(key)
    await cache.get(key)
  },

  failed: async ({ cache }, n) => {
    const load = () => Promise.reject(new Error('the origin is down'))
    await cache.getOrSet(`broken:${process.pid}:${n}`, load, { ttl: 1000 }).catch(() => {})
  },

  abandoned: async ({ cache }, n) => {
    const controller = new AbortController()
    const { signal } = controller
    const load = (context: { readonly signal: AbortSignal }) =>
      sleep(20, n, { signal: context.signal })
    const reading = cache.getOrSet(`left:${process.pid}:${n}`, load, { ttl: 1000, signal })
    controller.abort()
    await reading.catch(() => {})
  },
}
