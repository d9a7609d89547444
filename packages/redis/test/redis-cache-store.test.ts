import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { type RedisServer, RespConnection, startRedis } from '@locks/test-servers'
import { type CacheStore, redisStore } from '../src/index.ts'
import { type Connected, connectClient } from './clients.ts'

let redis: RedisServer
let direct: RespConnection
let connected: Connected
let store: CacheStore
beforeAll(async () => {
  redis = await startRedis()
  direct = await RespConnection.open(redis.port)
  connected = await connectClient(redis.url)
  store = redisStore(connected.client)
})
beforeEach(() => direct.call('FLUSHALL'))
afterAll(async () => {
  direct.close()
  await connected.close()
  await redis.stop()
})

const key = 'locks:c1:{page}'
const loadKey = `${key}:l`
const data = Buffer.from('data')
const load = { key, token: 'load', leaseMs: 60_000 }
const write = { key, token: 'write', data, ttlMs: 60_000 }

const operations = {
  read: () => store.read([key]),
  lease: () => store.lease(load),
  renew: () => store.renew(key, 'load', 60_000),
  commit: () => store.commit({ ...write, token: 'load' }),
  fail: () => store.fail(key, 'load', 'reason', 60_000),
  write: () => store.write(write),
  remove: () => store.remove([key]),
}

describe('a command that comes late', () => {
  test.each(['lease', 'write'] as const)('does not %s', async (name) => {
    await store.write({ ...write, token: 'before' })
    await store.lease({ ...load, token: 'loader', seen: 'before' })
    const [seconds] = (await direct.call('TIME')) as string[]
    const before = await Promise.all([direct.call('GET', key), direct.call('HGETALL', loadKey)])
    const late = { notAfterMs: Number(seconds) * 1000 - 1, seen: 'before' }
    const reply = await (name === 'lease'
      ? store.lease({ ...load, ...late })
      : store.write({ ...write, ...late }))
    expect(reply).toEqual({ state: 'late', storeNowMs: expect.any(Number) })
    const after = await Promise.all([direct.call('GET', key), direct.call('HGETALL', loadKey)])
    expect(after).toEqual(before)
    expect(before[1]).toEqual(['t', 'loader'])
  })
})

describe('data that is not ours', () => {
  const secret = 'hunter2'
  const ofEntry = ['read', 'lease', 'commit', 'write', 'remove'] as const
  const ofLoad = ['lease', 'renew', 'commit', 'fail', 'write', 'remove'] as const
  test.each([
    ['a list', key, ['RPUSH', key, secret], ofEntry],
    ['a hash', key, ['HSET', key, 'field', secret], ofEntry],
    ['a text as lease', loadKey, ['SET', loadKey, secret], ofLoad],
    ['a list as lease', loadKey, ['RPUSH', loadKey, secret], ofLoad],
    ['a hash as lease', loadKey, ['HSET', loadKey, 'field', secret], ofLoad],
  ] as const)('%s is a conflict and stays untouched', async (_, foreignKey, command, names) => {
    await direct.call(...command)
    const before = await direct.call('DUMP', foreignKey)
    for (const name of names) {
      const [reply] = await Promise.allSettled([operations[name]()])
      expect([name, reply]).toMatchObject([
        name,
        { status: 'rejected', reason: { code: 'CONFLICT' } },
      ])
      expect(String(reply?.status === 'rejected' && reply.reason.message)).not.toContain(secret)
    }
    expect(await direct.call('DUMP', foreignKey)).toBe(before)
    expect(await direct.call('PTTL', foreignKey)).toBe(-1)
    expect(await direct.call('DBSIZE')).toBe(1)
  })
})

describe('a text without the frame of an entry', () => {
  const texts = ['hunter2', '\u0008hunter2 ', '\u0020hunter2', '']

  test.each(texts)('is an entry that nobody can decode, and is replaced: %j', async (text) => {
    await direct.call('SET', key, text)
    const [entry] = await store.read([key])
    expect(Buffer.from(entry?.data ?? '').toString()).toBe(text)
    expect(await store.lease(load)).toMatchObject({ state: text === '' ? 'won' : 'fresh' })
    const seen = entry?.version ?? ''
    expect(await store.lease({ ...load, seen })).toMatchObject({ state: 'won' })
    expect(await store.commit({ ...write, token: 'load' })).toBe(true)
    expect(await store.read([key])).toMatchObject([{ version: 'load' }])
  })

  test('can be removed', async () => {
    await direct.call('SET', key, 'hunter2')
    expect(await store.remove([key])).toBe(1)
  })
})

describe('every key has a TTL', () => {
  const ttls = async () => {
    const keys = (await direct.call('KEYS', '*')) as string[]
    return Promise.all(keys.map((name) => direct.call('PTTL', name)))
  }

  test('whatever the operations', async () => {
    const { lease, renew, fail, commit, write: put, remove } = operations
    const awaited = () => store.lease({ ...load, token: 'other', seen: 'write' })
    for (const operation of [lease, awaited, renew, fail, lease, commit, put, awaited, remove]) {
      await operation()
      for (const ttlMs of await ttls()) expect(ttlMs).toBeGreaterThan(0)
    }
    expect(await ttls()).toEqual([])
  })
})

describe('commands', () => {
  test('one per operation, once the scripts are loaded', async () => {
    for (const operation of Object.values(operations)) await operation()
    await direct.call('CONFIG', 'RESETSTAT')
    const { read, ...scripts } = operations
    for (const operation of Object.values(scripts)) await operation()
    expect(await stats()).toContain('cmdstat_evalsha:calls=6,')
    expect(await stats()).not.toMatch(/cmdstat_eval:/)
    await direct.call('CONFIG', 'RESETSTAT')
    await read()
    await store.read([key, `${key} none`])
    expect(await stats()).toContain('cmdstat_get:calls=1,')
    expect(await stats()).toContain('cmdstat_mget:calls=1,')
    expect(await stats()).not.toContain('evalsha')
  })

  test('an election does not move the value', async () => {
    await store.write({ ...write, data: Buffer.alloc(1024 * 1024) })
    await direct.call('CONFIG', 'RESETSTAT')
    expect(await store.lease({ ...load, seen: 'write' })).toMatchObject({ state: 'won' })
    expect(await stats()).toContain('cmdstat_getrange:calls=1,')
    expect(await stats()).not.toMatch(/cmdstat_get:/)
  })

  const stats = async () => String(await direct.call('INFO', 'commandstats'))
})

test('tokens of up to 64 characters are versions', async () => {
  for (const token of ['a', 'b'.repeat(64)]) {
    await store.write({ ...write, token })
    expect(await store.read([key])).toEqual([{ version: token, data }])
    expect(await store.lease({ ...load, seen: token })).toMatchObject({ state: 'won' })
    await store.remove([key])
  }
})

test('a value over the limit is refused before anything is sent', async () => {
  const { valueBytesMax } = store.facts
  expect(valueBytesMax).toBe(512 * 1024 * 1024 - 65)
  // Never touched, so the memory is only promised.
  const tooLarge = { ...write, token: 'load', data: new Uint8Array(valueBytesMax + 1) }
  for (const refused of [store.write(tooLarge), store.commit(tooLarge)]) {
    await expect(refused).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' })
  }
  await store.write(write)
  expect(await store.read([key])).toEqual([{ version: 'write', data }])
})
