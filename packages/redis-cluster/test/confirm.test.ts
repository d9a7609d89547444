import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { type AcquireRequest, createLocks, type LeaseStore } from '@locks/core'
import { documentedAcl, RespConnection } from '@locks/test-servers'
import { createCluster } from 'redis'
import { type RedisClusterStoreOptions, redisClusterStore } from '../src/index.ts'
import { knowsHolder } from '../src/lua.gen.ts'
import { connectors } from './clients.ts'
import { ClusterWorld, call, onlineReplicas, until } from './cluster-world.ts'

/** Enough for replicas that run, on a slow machine too. */
const WITHIN_MS = 3_000

let world: ClusterWorld
beforeAll(async () => {
  world = await ClusterWorld.start({ replicasPerMaster: 2 })
}, 180_000)
afterAll(() => world.stop())

describe.each(Object.entries(connectors))('confirmed by replicas: %s', (_name, connect) => {
  test('[C70] a lock has the whole TTL that was asked for', async () => {
    const client = await connect(world.servers.urls)
    const store = client.store({ confirm: 'majority', confirmWithin: '4s' })
    const lease = { key: world.key(0), token: 'holder', ttlMs: 600_000 }
    const reply = await store.acquire(lease)
    expect(reply).toMatchObject({ state: 'granted', remainingMs: 600_000 })
    expect((await store.inspect(lease.key)).holders[0]?.remainingMs).toBeGreaterThan(300_000)
    expect(await store.extend({ ...lease, ttlMs: 700_000 })).toMatchObject({ remainingMs: 700_000 })
    expect(await store.release(lease)).toMatchObject({ state: 'released' })
    await store.close?.()
    await client.close()
  })

  test('seed: aredis ClusterLock: held by one at a time, handed over with a confirmation', async () => {
    const client = await connect(world.servers.urls)
    const stores = [0, 1].map(() => client.store({ confirm: 2, confirmWithin: '4s' }))
    const settings = { prefix: 'relay', wait: '60s', storeTimeout: '30s' } as const
    const processes = stores.map((store) => createLocks(store, settings))
    let holders = 0
    const fences: number[] = []
    const work = Array.from({ length: 10 }, (_, i) =>
      processes[i % 2]?.request('seed', async (lock) => {
        expect(++holders).toBe(1)
        fences.push(lock.fence ?? 0)
        await lock.verify()
        holders--
      }),
    )
    await Promise.all(work)
    expect(fences).toEqual([...fences].sort((a, b) => a - b))
    for (const locks of processes) await locks.close()
    for (const store of stores) await store.close?.()
    await client.close()
  })
})

test('the minimal ACL is enough to confirm', async () => {
  const acl = documentedAcl(['redis.md', 'redis-cluster.md'], {
    password: 'of the app',
    prefixes: ['acl'],
  })
  for (const { port } of world.servers.nodes) await call(port, 'ACL', 'SETUSER', 'app', ...acl)
  const cluster = createCluster({
    rootNodes: world.servers.urls.map((url) => ({ url })),
    defaults: { username: 'app', password: 'of the app' },
  })
  cluster.on('error', () => {})
  await cluster.connect()
  const store = redisClusterStore(cluster, { confirm: 'majority', confirmWithin: '4s' })
  const locks = createLocks(store, { prefix: 'acl', wait: '60s', storeTimeout: '30s' })
  const rounds = Array.from({ length: 3 }, () => locks.request('n', (lock) => lock.extend()))
  await Promise.all(rounds)
  await locks.close()
  await store.close?.()
  cluster.destroy()
})

/** Of all shards. */
const replicas = () => world.servers.nodes.filter(({ role }) => role === 'replica')

describe('too few replicas', () => {
  /** To be opened before a node is frozen, which it might ask for the way. */
  const open = (options: RedisClusterStoreOptions) =>
    world.store({ confirmWithin: WITHIN_MS, ...options })
  const leaseOf = (shard: number) => ({ key: world.key(shard), token: 'holder', ttlMs: 60_000 })

  const outcomeOf = (store: LeaseStore, lease: AcquireRequest) =>
    Promise.resolve(store.acquire(lease)).then(
      ({ state }) => state,
      (error: Error) => error.message,
    )

  test('[C69] a ttl, and how many must confirm, are checked before any I/O', async () => {
    const locks = createLocks(await world.store({ confirm: 'majority' }))
    for (const ttl of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
      await expect(locks.acquire('no ttl', { ttl })).rejects.toMatchObject({
        code: 'INVALID_ARGUMENT',
      })
    }
    await locks.close()
    for (const confirm of [0, -1, 1.5, Number.NaN, 'all'] as never[]) {
      await expect(world.store({ confirm })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
    }
    await expect(world.store({ confirm: 1, confirmWithin: 0 })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    })
  })

  test('[C72] more than there are: unavailable, and how many have confirmed', async () => {
    const outcome = await outcomeOf(await open({ confirm: 3 }), leaseOf(0))
    expect(outcome).toBe('2 of the 3 replicas needed have confirmed the lock')
  })

  test('[C72] a frozen one is not waited for if the others are enough, and bounded if not', async () => {
    const [frozen] = world.nodes(1, 'replica')
    const [majority, both] = [await open({ confirm: 'majority' }), await open({ confirm: 2 })]
    await frozen?.pause()
    try {
      expect(await outcomeOf(majority, leaseOf(1))).toBe('granted')
      const startedMs = performance.now()
      const outcome = await outcomeOf(both, leaseOf(1))
      expect(outcome).toBe('1 of the 2 replicas needed have confirmed the lock')
      expect(performance.now() - startedMs).toBeGreaterThan(WITHIN_MS - 55)
    } finally {
      frozen?.resume()
    }
  })

  test('[C72] none: no majority, so no lock', async () => {
    const cutOff = world.nodes(2, 'replica')
    const store = await open({ confirm: 'majority' })
    const lease = leaseOf(2)
    await world.cutOff(2, cutOff)
    const outcome = await outcomeOf(store, lease)
    expect(outcome).toBe('0 of the 1 replicas needed have confirmed the lock')
    for (const replica of cutOff) replica.resume()
    await until(async () => (await onlineReplicas(world.master(2).port)) === 2)
    expect(await store.acquire(lease)).toMatchObject({ state: 'granted' })
  }, 180_000)

  test('[C73] a release asks no replica, and a lock short of replicas is given back', async () => {
    const locks = createLocks(await open({ confirm: 1 }), {
      prefix: 'given-back',
      storeTimeout: '30s',
    })
    const name = 'given back'
    const held = await locks.acquire(name)
    for (const replica of replicas()) await replica.pause()
    try {
      await expect(held.extend()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
      expect(await held.release()).toBe(true)
      await expect(locks.tryAcquire(name)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
      await until(async () => (await locks.inspect(name)).holders.length === 0)
    } finally {
      for (const replica of replicas()) replica.resume()
    }
    await locks.close()
  })

  test('only a confirmed renewal moves the deadline', async () => {
    const store = await open({ confirm: 2, confirmWithin: 500 })
    const locks = createLocks(store, { prefix: 'renewal', storeTimeout: '30s' })
    const lock = await locks.acquire('renewed', { ttl: '3s', grace: 0, wait: Infinity })
    for (const replica of replicas()) await replica.pause()
    try {
      await until(() => lock.signal.aborted)
      expect(lock.held).toBe(false)
    } finally {
      for (const replica of replicas()) replica.resume()
    }
    await locks.close()
  })
})

test('a replica confirms the lease that was written, not what the holder had before', async () => {
  const store = await world.store({ confirm: 2, confirmWithin: '10s' })
  const lease = { key: world.key(0), token: 'holder', ttlMs: 30_000 }
  const reply = await world.answer(() => store.acquire(lease))
  if (reply.state !== 'granted' || !reply.storeNowMs) throw new Error('it is free')
  const endsAtMs = reply.storeNowMs + reply.remainingMs
  using replica = await RespConnection.open(world.nodes(0, 'replica')[0]?.port ?? 0)
  await replica.call('READONLY')
  const remainingMs = async (token: string, atLeastMs: number) =>
    Number(await replica.call('EVAL_RO', knowsHolder.source, 1, lease.key, token, atLeastMs))
  expect(await remainingMs('holder', endsAtMs)).toBeGreaterThan(0)
  expect(await remainingMs('holder', endsAtMs + 1)).toBe(0)
  expect(await remainingMs('other', endsAtMs)).toBeLessThanOrEqual(0)
})

test('connections of our own are closed with the store, the settings of the client are untouched', async () => {
  const { port } = world.master(0)
  const clientCount = async () =>
    String(await call(port, 'CLIENT', 'LIST', 'TYPE', 'normal'))
      .trim()
      .split('\n').length
  const client = await connectors['redis 6'](world.servers.urls)
  const store = client.store({ confirm: 1, confirmWithin: '4s' })
  const lease = { key: world.key(0), token: 'holder', ttlMs: 30_000 }
  await store.release(lease)
  const before = await clientCount()
  expect(await store.acquire(lease)).toMatchObject({ state: 'granted' })
  expect(await clientCount()).toBe(before + 1)
  await store.close?.()
  await until(async () => (await clientCount()) === before)
  await client.close()
})
