import { expect, test } from '@jest/globals'
import type { CacheStore } from '@locks/core'
import { type ManualClock, manualClock, seededRandom } from '@locks/core/testing'
import { memoryStore } from '@locks/memory'
import { HerdCache } from '../src/index.ts'
import { slowLoader } from './helpers/world.ts'

const TTL_MS = 1000
const TTLS = 8
const PROCESSES = 6
const EVERY_MS = 6
/** To the store, and back. */
const WAY_MS = 0.3

/** `store` at some distance; it pushes what becomes of loads, or not. */
function distant(clock: ManualClock, store: CacheStore, pushes: boolean): CacheStore {
  const way = () => new Promise<void>((resolve) => clock.after(WAY_MS, resolve))
  const far = async <T>(command: () => Promise<T>): Promise<T> => {
    await way()
    const reply = await command()
    await way()
    return reply
  }
  const { onSignal, ...rest } = store
  return {
    ...rest,
    read: (keys) => far(() => store.read(keys)),
    lease: (request) => far(() => store.lease(request)),
    renew: (...request) => far(() => store.renew(...request)),
    commit: (request) => far(() => store.commit(request)),
    compareAndSet: (request) => far(() => store.compareAndSet(request)),
    ...(pushes && {
      onSignal: (prefix, listener) =>
        store.onSignal?.(prefix, {
          ...listener,
          signal: (key, signal) => void way().then(() => listener.signal(key, signal)),
        }) ?? { ready: Promise.resolve(), close: async () => {} },
    }),
  }
}

/** About 1,000 calls a second, from all processes: how long each took, and how many loads there were. */
async function ask(loadMs: number, pushes: boolean) {
  const clock = manualClock()
  const store = distant(clock, memoryStore({ clock }), pushes)
  const load = slowLoader(clock, loadMs, 'v')
  const caches = Array.from({ length: PROCESSES }, (_, i) => {
    const random = seededRandom(i + 1)
    return new HerdCache({ store, namespace: 'test', clock, random, ttl: TTL_MS, grace: 0 })
  })
  await Promise.all(caches.map((cache) => clock.until(cache.getOrSet('k', load))))
  load.calls = 0
  const tookMs: number[] = []
  const endMs = clock.now() + TTLS * TTL_MS
  for (const [i, cache] of caches.entries()) {
    const call = () => {
      const askedAtMs = clock.now()
      void cache.getOrSet('k', load).then(() => tookMs.push(clock.now() - askedAtMs))
      if (askedAtMs < endMs) clock.after(EVERY_MS, call)
    }
    clock.after(i, call)
  }
  await clock.advance(TTLS * TTL_MS)
  return { perTtl: load.calls / TTLS, calls: tookMs.length, longestMs: Math.max(...tookMs) }
}

test.each([
  [20, true],
  [200, true],
  [400, true],
  [200, false],
])(
  'a value that is asked for all the while is there all the while, its load of %i ms runs no more often than it must (pushes: %s)',
  async (loadMs, pushes) => {
    const { perTtl, calls, longestMs } = await ask(loadMs, pushes)
    expect(calls).toBeGreaterThan(7000)
    expect(perTtl).toBeGreaterThan(0.7)
    expect(perTtl).toBeLessThanOrEqual(1.25)
    // A read, and no wait for the load behind it.
    expect(longestMs).toBeLessThan(4 * WAY_MS)
  },
)
