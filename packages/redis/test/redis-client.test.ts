import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { type RedisServer, RespConnection, startRedis } from '@locks/test-servers'
import { createClient, createClientPool, createCluster, createSentinel } from 'redis'
import { type RedisClient, redisStore } from '../src/index.ts'
import { type Connected, connectors } from './clients.ts'
import { everyKey } from './every-key.ts'

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

const everyByte = Uint8Array.from({ length: 256 }, (_, i) => i)
const oneMiB = Buffer.alloc(1024 * 1024, everyByte)

describe.each(Object.entries(connectors))('%s', (kind, connect) => {
  let connected: Connected
  let store: ReturnType<typeof redisStore>
  beforeAll(async () => {
    connected = await connect(redis.url)
    store = redisStore(connected.client)
  })
  afterAll(() => connected.close())
  // Twice: the first time each script is sent as text, the second time as its hash.
  const twice = test.each([
    ['with scripts to load', `${kind} first`],
    ['with scripts loaded', `${kind} second`],
  ])
  afterEach(() => direct.call('FLUSHALL'))
  beforeAll(() => direct.call('SCRIPT', 'FLUSH'))

  twice('runs the life of a lease, %s', async (_, key) => {
    const nowMs = expect.any(Number)
    const ours = { key, token: 'ours', ttlMs: 30_000 }
    const granted = await store.acquire(ours)
    expect(granted).toEqual({
      state: 'granted',
      remainingMs: 30_000,
      fence: expect.any(Number),
      kept: false,
      storeNowMs: nowMs,
    })
    const { fence } = granted as { fence: number }
    expect(Number.isSafeInteger(fence)).toBe(true)
    expect(await store.acquire({ ...ours, token: 'theirs' })).toMatchObject({ state: 'held' })
    expect(await store.acquire({ ...ours, capacity: 2 })).toMatchObject({ fence })
    expect(await store.acquire({ ...ours, token: 'theirs', capacity: 2 })).toEqual({
      state: 'mismatch',
      capacity: 1,
      storeNowMs: nowMs,
    })
    expect(await store.extend({ ...ours, ttlMs: 40_000 })).toEqual({
      state: 'extended',
      remainingMs: 40_000,
      storeNowMs: nowMs,
    })
    expect(await store.extend({ ...ours, token: 'theirs' })).toEqual({
      state: 'taken',
      storeNowMs: nowMs,
    })
    const { holders, capacity } = await store.inspect(key)
    expect(capacity).toBe(1)
    expect(await everyKey(store, kind)).toEqual([key])
    expect(holders).toEqual([{ token: 'ours', units: 1, fence, remainingMs: expect.any(Number) }])
    expect(await store.release(ours)).toEqual({ state: 'released', storeNowMs: nowMs })
    expect(await store.release(ours)).toEqual({ state: 'absent', storeNowMs: nowMs })
    expect(await store.inspect(key)).toEqual({ holders: [], capacity: 1, waiters: 0 })
  })

  twice('runs the life of an entry, %s', async (_, key) => {
    const load = { key, token: 'load-1', leaseMs: 60_000 }
    const storeNowMs = expect.any(Number)
    expect(await store.read([key])).toEqual([undefined])
    expect(await store.lease(load)).toEqual({ state: 'won', vanished: false, storeNowMs })
    expect(await store.lease({ ...load, token: 'load-2', seen: 'gone' })).toEqual({
      state: 'lost',
      holder: 'load-1',
      remainingMs: expect.any(Number),
      vanished: true,
      storeNowMs,
    })
    expect(await store.renew(key, 'load-1', 70_000)).toBe(true)
    expect(await store.renew(key, 'load-2', 70_000)).toBe(false)
    await store.fail(key, 'load-1', 'no route – „weg“ 💥', 60_000)
    expect(await store.lease({ ...load, token: 'load-2', awaited: 'load-1' })).toEqual({
      state: 'failed',
      reason: 'no route – „weg“ 💥',
      storeNowMs,
    })
    expect(await store.lease({ ...load, token: 'load-3' })).toMatchObject({ state: 'won' })
    const commit = { key, token: 'load-3', data: everyByte, ttlMs: 60_000 }
    expect(await store.commit({ ...commit, token: 'load-1' })).toBe(false)
    expect(await store.commit(commit)).toBe(true)
    expect(plain(await store.read([key, `${key} none`]))).toEqual([
      { version: 'load-3', data: [...everyByte] },
      undefined,
    ])
    const fresh = await store.lease({ ...load, token: 'load-4' })
    expect(fresh).toMatchObject({ state: 'fresh', entry: { version: 'load-3' }, storeNowMs })
    expect(fresh.state === 'fresh' && [...fresh.entry.data]).toEqual([...everyByte])
    const write = { key, token: 'write', data: new Uint8Array(), ttlMs: 60_000 }
    expect(await store.write(write)).toEqual({ state: 'written', storeNowMs })
    expect(plain(await store.read([key]))).toEqual([{ version: 'write', data: [] }])
    expect(await store.remove([key, `${key} none`])).toBe(1)
    expect(await store.read([key])).toEqual([undefined])
    expect(await store.read([])).toEqual([])
  })

  test('carries 1 MiB there and back', async () => {
    const write = { key: 'big', token: 'write', data: oneMiB, ttlMs: 60_000 }
    expect(await store.write(write)).toMatchObject({ state: 'written' })
    const [read] = await store.read(['big'])
    expect(oneMiB.equals(read?.data ?? new Uint8Array())).toBe(true)
    const fresh = await store.lease({ key: 'big', token: 'load', leaseMs: 1_000 })
    expect(oneMiB.equals(fresh.state === 'fresh' ? fresh.entry.data : new Uint8Array())).toBe(true)
  })

  test('keeps the order of one turn, whatever the server has in its script cache', async () => {
    const ours = { key: 'order', token: 'ours', ttlMs: 60_000 }
    await direct.call('SCRIPT', 'FLUSH')
    await store.release(ours)
    const states = Promise.all([
      store.acquire(ours),
      store.release(ours),
      store.extend(ours),
      store.acquire(ours),
      store.inspect('order'),
    ])
    expect(await states).toMatchObject([
      { state: 'granted' },
      { state: 'released' },
      { state: 'absent' },
      { state: 'granted' },
      { holders: [{ token: 'ours' }] },
    ])
  })
})

describe('a closed client', () => {
  test.each(Object.entries(connectors))('%s rejects', async (_, connect) => {
    const { client, close } = await connect(redis.url)
    const store = redisStore(client)
    await close()
    await expect(store.release({ key: 'key', token: 'ours' })).rejects.toThrow(/closed/i)
    await expect(store.read(['key'])).rejects.toThrow(/closed/i)
  })
})

describe('keyPrefix of redis 6', () => {
  test.each([
    ['client', () => createClient({ url: redis.url, keyPrefix: 'app-1:' })],
    [
      'pool',
      () => createClientPool({ url: redis.url, keyPrefix: 'app-1:' }, { acquireTimeout: 600_000 }),
    ],
  ])('is kept, %s', async (_, create) => {
    const client = create()
    client.on('error', () => {})
    await client.connect()
    const store = redisStore(client)
    await store.acquire({ key: 'lock', token: 'ours', ttlMs: 60_000 })
    await store.write({ key: 'entry', token: 'write', data: everyByte, ttlMs: 60_000 })
    await store.lease({ key: 'miss', token: 'load', leaseMs: 60_000 })
    expect(await store.read(['entry'])).toMatchObject([{ version: 'write' }])
    expect(await store.read(['entry', 'miss'])).toMatchObject([{ version: 'write' }, undefined])
    expect(await everyKey(store, 'l')).toEqual(['lock'])
    const keys = (await direct.call('KEYS', '*')) as string[]
    expect(keys.sort()).toEqual(['app-1:entry', 'app-1:lock', 'app-1:miss:l'])
    client.destroy()
    await direct.call('FLUSHALL')
  })
})

test('a client whose sendCommand has another shape is refused by its type', () => {
  // Both route a command by its key, which a single server's client is not told.
  // @ts-expect-error A cluster belongs to the package for clusters.
  const cluster: () => RedisClient = () => createCluster({ rootNodes: [] })
  // @ts-expect-error A sentinel's first argument says whether a replica will do.
  const sentinel: () => RedisClient = () => createSentinel({ name: '', sentinelRootNodes: [] })
  expect([cluster, sentinel]).toHaveLength(2)
})

function plain(entries: Awaited<ReturnType<ReturnType<typeof redisStore>['read']>>) {
  return entries.map((entry) => entry && { ...entry, data: [...entry.data] })
}
