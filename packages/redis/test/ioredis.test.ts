import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, describe, expect, jest, test } from '@jest/globals'
import { cacheStoreConformance, leaseStoreConformance } from '@locks/core/conformance'
import { type RedisServer, RespConnection, startProxy, startRedis } from '@locks/test-servers'
import { Redis } from 'ioredis'
import { Redis as RedisV5 } from 'ioredis-v5'
import {
  createLocks,
  type IoredisClient,
  type LoadSignal,
  type PushedGrant,
  redisStore,
} from '../src/ioredis.ts'
import { everyKey } from './every-key.ts'
import { storedLease } from './stored-lease.ts'

let redis: RedisServer
let direct: RespConnection
beforeAll(async () => {
  redis = await startRedis()
  direct = await RespConnection.open(redis.port)
})
afterAll(async () => {
  direct.close()
  await redis.stop()
})

interface Closable {
  on(event: 'error', listener: () => void): unknown
  disconnect(): void
}

/** Both majors. That this compiles is a test: nothing here is cast. */
const majors = {
  'ioredis 5': (port: number, options = {}) => new RedisV5(port, '127.0.0.1', options),
  'ioredis 6': (port: number, options = {}) => new Redis(port, '127.0.0.1', options),
} satisfies Record<string, (port: number, options?: object) => IoredisClient & Closable>

const program = fileURLToPath(new URL('./programs/holder.ts', import.meta.url))
const holder = {
  command: process.execPath,
  get args() {
    return ['--import', 'tsx', '--conditions=@locks/source', program, redis.url]
  },
}

describe.each(Object.entries(majors))('%s', (name, connect) => {
  const opened: Closable[] = []
  const open = (port: number, options = {}) => {
    const client = connect(port, options)
    client.on('error', () => {})
    opened.push(client)
    return client
  }
  afterEach(() => {
    for (const client of opened.splice(0)) client.disconnect()
  })

  describe('rules', () => {
    let client: IoredisClient & Closable
    beforeAll(() => {
      client = connect(redis.port)
    })
    afterAll(() => client.disconnect())
    // The suites create a store while this file is read.
    const later: IoredisClient = {
      options: {},
      callBuffer: (command, args) => client.callBuffer(command, args),
      duplicate: (options) => client.duplicate(options),
    }
    const options = { name, create: () => redisStore(later) }
    leaseStoreConformance({ describe, test }, { ...options, holder })
    cacheStoreConformance({ describe, test }, options)
  })

  test('sends again what got no reply, and the caller has the lock', async () => {
    await using proxy = await startProxy({ port: redis.port })
    const store = redisStore(open(proxy.port))
    const ours = { key: `lost ${name}`, token: 'ours', ttlMs: 30_000 }
    await store.inspect(ours.key)
    proxy.dropReplies()
    const reply = store.acquire(ours)
    while ((await storedLease(direct, ours.key)).holders.length !== 1)
      await new Promise(setImmediate)
    await proxy.restore()
    proxy.reset()
    expect(await reply).toMatchObject({ state: 'granted', fence: expect.any(Number) })
    expect((await store.inspect(ours.key)).holders).toMatchObject([{ token: 'ours' }])
    expect(await store.release(ours)).toMatchObject({ state: 'released' })
    expect((await store.inspect(ours.key)).holders).toEqual([])
  })

  test('loses no lock of createLocks with a reply', async () => {
    await using proxy = await startProxy({ port: redis.port })
    const locks = createLocks(redisStore(open(proxy.port)), { prefix: 'lost', storeTimeout: '30s' })
    await (await locks.acquire('warm')).release()
    proxy.dropReplies()
    const acquired = locks.acquire(name)
    while (((await direct.call('KEYS', 'lost:l1:{ioredis*}')) as string[]).length === 0) {
      await new Promise(setImmediate)
    }
    await proxy.restore()
    proxy.reset()
    const lock = await acquired
    expect(lock.held).toBe(true)
    await lock.release()
    expect((await storedLease(direct, 'lost:l1:{ioredis}')).holders).toEqual([])
    await locks.close()
  })

  test('sends texts as commands of the client, and bytes by its own way', async () => {
    const client = open(redis.port)
    const ownWay = jest.spyOn(Object.getPrototypeOf(client), 'callBuffer')
    const sending = jest.spyOn(Object.getPrototypeOf(client), 'sendCommand')
    try {
      const store = redisStore(client)
      const lease = { key: `sent ${name}`, token: 'ours', ttlMs: 30_000 }
      ownWay.mockClear()
      expect(await store.acquire(lease)).toMatchObject({ state: 'granted' })
      expect(await store.release(lease)).toMatchObject({ state: 'released' })
      expect(ownWay).not.toHaveBeenCalled()
      const [command] = sending.mock.lastCall ?? []
      const keys = [lease.key, `${lease.key}:q`, `${lease.key}:w`]
      expect(command).toMatchObject({ args: [expect.any(String), '3', ...keys, lease.token] })
      const data = Buffer.of(0xff, 0)
      await store.write({ key: lease.key, token: 'w', data, ttlMs: 60_000 })
      expect(ownWay).toHaveBeenCalled()
      expect(await store.read([lease.key])).toMatchObject([{ data, version: 'w' }])
    } finally {
      ownWay.mockRestore()
      sending.mockRestore()
    }
  })

  test('keeps the prefix of the client to itself', async () => {
    const keyPrefix = `app* ${name}:`
    const store = redisStore(open(redis.port, { keyPrefix }))
    const grants: PushedGrant[] = []
    const signals: [string, LoadSignal][] = []
    const unheard = { stolen() {}, disconnected() {}, reconnected() {} }
    const subscriptions = [
      store.onGrant?.('sub', { ...unheard, granted: (grant) => grants.push(grant) }),
      store.onSignal?.('p:', { ...unheard, signal: (...signal) => signals.push(signal) }),
    ]
    for (const subscription of subscriptions) await subscription?.ready
    const lease = { key: 'p:{lock}', ttlMs: 30_000 }
    await store.acquire({ ...lease, token: 'a' })
    await store.acquire({ ...lease, token: 'b', waiter: { subscriber: 'sub', grantMs: 60_000 } })
    await store.release({ ...lease, token: 'a' })
    await store.lease({ key: 'p:{entry}', token: 'load', leaseMs: 60_000 })
    await store.write({ key: 'p:{entry}', token: 'w', data: Buffer.of(1), ttlMs: 60_000 })
    expect(await store.read(['p:{entry}'])).toMatchObject([{ version: 'w' }])
    expect(await store.read(['p:{entry}', 'p:{none}'])).toMatchObject([{ version: 'w' }, undefined])
    while (grants.length === 0 || signals.length === 0) await new Promise(setImmediate)
    expect(grants).toMatchObject([{ key: 'p:{lock}', token: 'b' }])
    expect(signals).toEqual([['p:{entry}', { type: 'voided', token: 'load' }]])
    expect(await everyKey(store, 'p:')).toEqual(['p:{lock}'])
    const keys = (await direct.call('KEYS', `${keyPrefix}*`)) as string[]
    expect(keys.sort()).toEqual([`${keyPrefix}p:{entry}`, `${keyPrefix}p:{lock}`])
    for (const subscription of subscriptions) await subscription?.close()
  })

  test('says that it listens again when its channels are subscribed, no sooner', async () => {
    await using proxy = await startProxy({ port: redis.port })
    const store = redisStore(open(proxy.port))
    const subscriber = `sub ${name}`
    const events: string[] = []
    let listensAgain = () => {}
    const again = new Promise<void>((resolve) => {
      listensAgain = resolve
    })
    const subscription = store.onGrant?.(subscriber, {
      granted() {},
      stolen() {},
      disconnected: () => events.push('disconnected'),
      async reconnected() {
        events.push('reconnected')
        listensAgain()
      },
    })
    await subscription?.ready
    expect(events).toEqual([])
    proxy.reset()
    await again
    expect(events).toEqual(['disconnected', 'reconnected'])
    expect(await direct.call('PUBSUB', 'NUMSUB', subscriber)).toEqual([subscriber, 1])
    await subscription?.close()
  })

  test('listens on a connection of the caller, and leaves it open', async () => {
    const subscriber = open(redis.port)
    const store = redisStore(open(redis.port), { subscriber })
    const listener = { granted() {}, stolen() {}, disconnected() {}, reconnected() {} }
    const subscription = store.onGrant?.('given', listener)
    await subscription?.ready
    expect(await direct.call('PUBSUB', 'NUMSUB', 'given')).toEqual(['given', 1])
    await subscription?.close()
    expect(await direct.call('PUBSUB', 'NUMSUB', 'given')).toEqual(['given', 0])
    expect(subscriber.status).toBe('ready')
  })
})
