import { setImmediate as turn } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type CacheStore, HerdCache } from '../../src/index.ts'
import { Backends } from '../helpers/backends.ts'

let backends: Backends
const closers: (() => Promise<unknown> | undefined)[] = []
beforeAll(async () => {
  backends = await Backends.start()
})
afterAll(async () => {
  for (const close of closers.toReversed()) await close()
  await backends[Symbol.asyncDispose]()
})

/** Two processes on one Redis, which keep values for as long as nothing is heard of them. */
async function start(): Promise<[HerdCache, HerdCache]> {
  const namespace = backends.newNamespace()
  const stores = await backends.open('Redis', 2)
  return stores.map((store: CacheStore) => {
    const times = { storeTimeout: '60s', ttl: '1h' } as const
    const cache = new HerdCache({ store, namespace, ...times, l1: { max: 100, ttl: '1h' } })
    closers.push(
      async () => store.close?.(),
      () => cache.close(),
    )
    return cache
  }) as [HerdCache, HerdCache]
}

/** Asks until it is kept in the process itself. */
async function keep(cache: HerdCache, key: string): Promise<void> {
  const { l1Hits } = cache.stats()
  while (cache.stats().l1Hits === l1Hits) {
    await cache.get(key)
    await turn()
  }
}

/** Asks until it is so: what is kept would be kept for an hour. */
async function until(cache: HerdCache, key: string, value: unknown): Promise<void> {
  while ((await cache.get(key)) !== value) await turn()
}

test('on Redis a change by another process ends what is kept, whatever made it', async () => {
  const [one, two] = await start()
  await one.set('a', 'first', { tags: ['t'] })
  await keep(two, 'a')
  await one.set('a', 'second', { tags: ['t'] })
  await until(two, 'a', 'second')
  await keep(two, 'a')
  await one.delete('a')
  await until(two, 'a', undefined)
  expect(await one.getOrSet('a', () => 'loaded', { tags: ['t'] })).toBe('loaded')
  await keep(two, 'a')
  await one.invalidateTags(['t'])
  await until(two, 'a', undefined)
  await one.set('a', 'third')
  await keep(two, 'a')
  await one.clear()
  await until(two, 'a', undefined)
  await one.set('a', 'fourth')
  await keep(two, 'a')
  await (await one.optimistic('a')).cas('fifth')
  await until(two, 'a', 'fifth')
  await keep(two, 'a')
  await one.expire('a')
  await until(two, 'a', undefined)
})

test('on Redis 64 callers who ask for one key at once cost one request', async () => {
  const [one] = await start()
  const link = await backends.connect()
  const commands = async () => {
    const stats = await link.info('commandstats')
    return (
      Number(/cmdstat_mget:calls=(\d+)/.exec(stats)?.[1] ?? 0) +
      Number(/cmdstat_get:calls=(\d+)/.exec(stats)?.[1] ?? 0)
    )
  }
  await one.set('shared', 'v')
  const before = await commands()
  const values = await Promise.all(
    Array.from({ length: 64 }, () => one.getOrSet('shared', () => 'another')),
  )
  expect(new Set(values)).toEqual(new Set(['v']))
  expect((await commands()) - before).toBe(1)
})
