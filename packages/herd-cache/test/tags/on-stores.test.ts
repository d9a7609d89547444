import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { memcachedStore, metaTransport } from '@locks/memcached'
import { memoryStore } from '@locks/memory'
import { redisStore } from '@locks/redis'
import { redisClusterStore } from '@locks/redis-cluster'
import { startMemcached, startRedis, startRedisCluster } from '@locks/test-servers'
import { createClient, createCluster } from 'redis'
import { type CacheStore, HerdCache } from '../../src/index.ts'
import { heldLoader } from '../helpers/world.ts'

type Kind = 'memory' | 'Redis' | 'Redis Cluster' | 'memcached'

const ends: (() => unknown)[] = []
const open = new Map<Kind, () => Promise<CacheStore>>()

beforeAll(async () => {
  const store = memoryStore()
  open.set('memory', async () => store)
  const redis = await startRedis()
  ends.push(() => redis.stop())
  open.set('Redis', async () => {
    const client = createClient({ url: redis.url })
    client.on('error', () => {})
    await client.connect()
    ends.push(() => client.destroy())
    return redisStore(client)
  })
})

beforeAll(async () => {
  const cluster = await startRedisCluster({ replicasPerMaster: 0 })
  ends.push(() => cluster.stop())
  open.set('Redis Cluster', async () => {
    const client = createCluster({ rootNodes: cluster.urls.map((url) => ({ url })) })
    client.on('error', () => {})
    await client.connect()
    ends.push(() => client.destroy())
    return redisClusterStore(client)
  })
})

beforeAll(async () => {
  const server = await startMemcached()
  ends.push(() => server.stop())
  const [host = '', port] = server.address.split(':')
  open.set('memcached', async () => {
    const client = metaTransport({ host, port: Number(port), timeout: 240_000 })
    ends.push(() => client.close())
    return memcachedStore(client)
  })
})

afterAll(async () => {
  for (const end of ends.toReversed()) await end()
})

let namespaces = 0
/** Caches of two processes, with deadlines that no slow machine misses. */
async function start(kind: Kind) {
  const namespace = `tags-${++namespaces}`
  const cacheOn = async () => {
    const store = await open.get(kind)?.()
    if (!store) throw new Error(`${kind} has not been started`)
    const cache = new HerdCache({ store, namespace, storeTimeout: '4m', ttl: '1h', grace: '1h' })
    ends.push(() => cache.close())
    return cache
  }
  return [await cacheOn(), await cacheOn()] as const
}

describe.each(['memory', 'Redis', 'Redis Cluster', 'memcached'] as const)('on %s', (kind) => {
  test('what has a tag ends for everybody, what has not stays', async () => {
    const [one, two] = await start(kind)
    await one.setMany(
      [
        ['a', 1],
        ['b', 2],
      ],
      { tags: ['x', ['user', 7]] },
    )
    await two.set('c', 3, { tags: ['y'] })
    await two.set('d', 4)
    expect(await two.getMany(['a', 'b', 'c', 'd'])).toEqual([1, 2, 3, 4])
    await two.invalidateTags([['user', 7], 'never used'])
    for (const cache of [one, two])
      expect(await cache.getMany(['a', 'b', 'c', 'd'])).toEqual([undefined, undefined, 3, 4])
    expect(await one.getOrSet('a', () => 5, { tags: ['x'] })).toBe(5)
    expect(await two.get('a')).toBe(5)
  })

  test('`clear` ends everything for everybody, and nothing of what comes later', async () => {
    const [one, two] = await start(kind)
    const child = one.namespace('sub')
    await one.set('a', 1)
    await two.set('b', 2, { tags: ['x'] })
    await child.set('a', 3)
    expect(await two.getMany(['a', 'b'])).toEqual([1, 2])
    await one.clear()
    for (const cache of [one, two])
      expect(await cache.getMany(['a', 'b'])).toEqual([undefined, undefined])
    expect(await child.get('a')).toBe(3)
    await two.set('a', 4)
    expect(await one.get('a')).toBe(4)
    await child.close()
  })

  test('a load from before is not stored for anybody', async () => {
    const [one, two] = await start(kind)
    for (const end of [() => two.invalidateTags(['x']), () => two.clear()]) {
      const held = heldLoader<string>()
      const before = one.getOrSet('k', held.load, { tags: ['x'] })
      while (held.calls === 0) await pause(1)
      await end()
      held.resolve('old')
      expect(await before).toBe('old')
      expect(await two.get('k')).toBeUndefined()
      expect(await two.getOrSet('k', () => 'new', { tags: ['x'] })).toBe('new')
      expect(await one.get('k')).toBe('new')
      await one.delete('k')
    }
  })

  test('no read after an invalidation gives what was made before, in any order of things', async () => {
    const caches = await start(kind)
    let truth = 0
    const load = async () => {
      const seen = truth
      await pause(Math.random() * 5)
      return seen
    }
    const calls = Array.from({ length: 60 }, async (_, i) => {
      await pause(i * 2 * Math.random())
      const [cache, other] = i % 2 === 0 ? caches : [caches[1], caches[0]]
      if (i % 6 === 0) {
        const needed = ++truth
        await cache.invalidateTags(['x'])
        const found = await Promise.all([cache.get<number>('k'), other.get<number>('k')])
        for (const value of found) expect(value ?? needed).toBeGreaterThanOrEqual(needed)
      } else await cache.getOrSet('k', load, { tags: ['x'] })
    })
    await Promise.all(calls)
    await caches[0].invalidateTags(['x'])
    expect(await caches[1].get('k')).toBeUndefined()
  })
})
