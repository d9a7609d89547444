import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { type RedisServer, RespConnection, startProxy, startRedis } from '@locks/test-servers'
import { createClient } from 'redis'
import { redisStore } from '../src/index.ts'
import { connectClient } from './clients.ts'
import { storedLease } from './stored-lease.ts'

let redis: RedisServer
let direct: RespConnection
beforeAll(async () => {
  redis = await startRedis()
  direct = await RespConnection.open(redis.port)
})
beforeEach(() => direct.call('FLUSHALL'))
afterAll(async () => {
  direct.close()
  await redis.stop()
})

const key = 'locks:l1:{job}'
const holder = { key, token: 'holder', ttlMs: 60_000 }
const waiterOf = (subscriber: string) => ({
  ...{ key, token: `waiter-${subscriber}`, ttlMs: 60_000 },
  waiter: { subscriber, grantMs: 5000 },
})

/** A store whose listening connection has no faults, and what it is told. */
async function listening(name: string, url = redis.url) {
  const { client, close } = await connectClient(url)
  const subscriber = await createClient({ url: redis.url }).connect()
  const store = redisStore(client, { subscriber })
  const told: string[] = []
  const subscription = store.onGrant?.(name, {
    granted: ({ token }) => told.push(`granted ${token}`),
    stolen: ({ token }) => told.push(`stolen ${token}`),
    disconnected: () => told.push('disconnected'),
    reconnected: () => told.push('reconnected'),
  })
  await subscription?.ready
  const end = async () => {
    await close()
    await subscriber.destroy()
  }
  return { store, told, subscription, [Symbol.asyncDispose]: end }
}

const published = async () => {
  const stats = String(await direct.call('INFO', 'commandstats'))
  return Number(/cmdstat_publish:calls=(\d+)/.exec(stats)?.[1] ?? 0)
}

describe('a release that hands over', () => {
  test('to its own process tells it by the reply, and publishes nothing', async () => {
    await using here = await listening('here')
    await direct.call('CONFIG', 'RESETSTAT')
    await here.store.acquire(holder)
    await here.store.acquire(waiterOf('here'))
    expect(await here.store.release(holder)).toMatchObject({ state: 'released' })
    expect(here.told).toEqual(['granted waiter-here'])
    expect(await published()).toBe(0)
  })

  test('to another process publishes', async () => {
    await using here = await listening('here')
    await using there = await listening('there')
    await direct.call('CONFIG', 'RESETSTAT')
    await here.store.acquire(holder)
    await there.store.acquire(waiterOf('there'))
    await here.store.release(holder)
    expect(await published()).toBe(1)
    expect(here.told).toEqual([])
  })

  test('skips a waiter whose channel was closed', async () => {
    await using here = await listening('here')
    await here.store.acquire(holder)
    await here.store.acquire(waiterOf('here'))
    await here.subscription?.close()
    await here.store.release(holder)
    expect((await here.store.inspect(key)).holders).toEqual([])
  })

  test('lets those who wait ask when its reply is lost', async () => {
    await using proxy = await startProxy(redis)
    await using cut = await listening('cut', proxy.url('redis'))
    // The texts of the scripts are not what the proxy shall lose.
    await cut.store.release(holder)
    cut.told.length = 0
    await cut.store.acquire(holder)
    await cut.store.acquire(waiterOf('cut'))
    proxy.dropReplies()
    const released = Promise.resolve(cut.store.release(holder)).then(
      () => 'answered',
      () => 'lost',
    )
    while ((await storedLease(direct, key)).holders[0]?.token === holder.token);
    proxy.reset()
    expect(await released).toBe('lost')
    expect(cut.told).toEqual(['reconnected'])
  })

  test('lets those who wait ask when the reply is to its repetition', async () => {
    await using here = await listening('here')
    await here.store.acquire(holder)
    await here.store.acquire(waiterOf('here'))
    await direct.call('DEL', key)
    await here.store.release(holder)
    expect(here.told).toEqual(['granted waiter-here', 'reconnected'])
  })
})
