import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { type RedisServer, startProxy, startRedis } from '@locks/test-servers'
import { createClient } from 'redis'
import { newNamespace, RealCaches } from './helpers/real-caches.ts'
import { failureOf, heldLoader } from './helpers/world.ts'

let redis: RedisServer
const opened = new RealCaches()

beforeAll(async () => {
  redis = await startRedis()
})

afterEach(() => opened.close())

afterAll(async () => {
  await redis?.stop()
})

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms))

describe('a Redis in trouble', () => {
  test('frozen: the loader’s value still comes, set and delete reject', async () => {
    await using server = await startRedis()
    const [store, namespace] = [await opened.connect(server.url), newNamespace()]
    await opened.cacheOn(store, namespace).set('k', 'cached')
    const cache = opened.cacheOn(store, namespace, { storeTimeout: 100 })
    await server.pause()
    expect(await cache.getOrSet('k', () => 'loaded')).toBe('loaded')
    expect(await cache.get('k')).toBeUndefined()
    expect(await failureOf(cache.set('another', 'x'))).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(await failureOf(cache.delete('other'))).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    server.resume()
    expect(await opened.cacheOn(store, namespace).get('k')).toBe('cached')
    while ((await cache.get('k')) !== 'cached') await pause(10)
  })

  test('killed and restarted: values keep coming, and are cached again afterwards', async () => {
    await using server = await startRedis()
    const cache = opened.cacheOn(await opened.connect(server.url), newNamespace(), {
      storeTimeout: 100,
    })
    await server.kill()
    for (const value of ['a', 'b'])
      expect(await cache.getOrSet(`key of ${value}`, () => value)).toBe(value)
    await server.restart()
    let found = await cache.get('k')
    while (found === undefined) {
      await cache.getOrSet('k', () => 'back')
      await pause(10)
      found = await cache.get('k')
    }
    expect(found).toBe('back')
  })

  test('cut off during a load: the value still comes, nothing old is stored', async () => {
    await using proxy = await startProxy({ port: redis.port })
    const namespace = newNamespace()
    const direct = opened.cacheOn(await opened.connect(redis.url), namespace)
    const cut = opened.cacheOn(await opened.connect(proxy.url('redis')), namespace, {
      storeTimeout: 100,
    })
    const loader = heldLoader<string>()
    const value = cut.getOrSet('k', loader.load)
    while (loader.calls === 0) await pause(1)
    proxy.blackHole()
    loader.resolve('old')
    expect(await value).toBe('old')
    await direct.delete('k')
    await proxy.restore()
    // What was held back has arrived when a later command of the same connection is answered.
    while (
      await cut.delete('later').then(
        () => false,
        () => true,
      )
    )
      await pause(10)
    expect(await direct.get('k')).toBeUndefined()
  })

  test('cut off, and a set failed: neither the old value nor the new one comes back', async () => {
    await using proxy = await startProxy({ port: redis.port })
    const namespace = newNamespace()
    const direct = opened.cacheOn(await opened.connect(redis.url), namespace)
    await direct.set('k', 'old', { ttl: '1h' })
    let tell = () => {}
    const replayed = new Promise<void>((resolve) => {
      tell = resolve
    })
    const cut = opened.cacheOn(await opened.connect(proxy.url('redis')), namespace, {
      storeTimeout: 100,
      onEvent: ({ type }) => type === 'replayed' && tell(),
    })
    proxy.blackHole()
    expect(await failureOf(cut.set('k', 'new'))).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(await direct.get('k')).toBe('old')
    await proxy.restore()
    await replayed
    expect(await direct.get('k')).toBeUndefined()
  })

  test('that swallows replies: the values still come', async () => {
    await using proxy = await startProxy({ port: redis.port })
    const namespace = newNamespace()
    const direct = opened.cacheOn(await opened.connect(redis.url), namespace)
    const cut = opened.cacheOn(await opened.connect(proxy.url('redis')), namespace, {
      storeTimeout: 100,
    })
    proxy.dropReplies()
    expect(await cut.getOrSet('k', () => 'v')).toBe('v')
    expect(await direct.getOrSet('other', () => 'v')).toBe('v')
  })

  test('foreign data under the key costs nobody a value', async () => {
    const namespace = newNamespace()
    const cache = opened.cacheOn(await opened.connect(redis.url), namespace)
    const client = createClient({ url: redis.url })
    await client.connect()
    opened.closeLater(() => client.destroy())
    await client.set(`${namespace}:c1:{text}`, 'from another program')
    await client.lPush(`${namespace}:c1:{list}`, 'from another program')
    for (const key of ['text', 'list']) {
      expect(await cache.get(key)).toBeUndefined()
      expect(await cache.getOrSet(key, () => 'v')).toBe('v')
    }
  })
})
