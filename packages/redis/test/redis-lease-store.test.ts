import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals'
import { type RedisServer, RespConnection, startRedis } from '@locks/test-servers'
import { type LeaseStore, redisStore } from '../src/index.ts'
import { type Connected, connectClient } from './clients.ts'
import { everyKey } from './every-key.ts'
import { storedLease } from './stored-lease.ts'

let redis: RedisServer
let direct: RespConnection
let connected: Connected
let store: LeaseStore
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

const key = 'locks:l1:{job}'
const ours = { key, token: 'ours', ttlMs: 60_000 }

async function grantedFence(request: Parameters<LeaseStore['acquire']>[0]): Promise<number> {
  const reply = await store.acquire(request)
  if (reply.state !== 'granted') throw new Error(reply.state)
  return reply.fence ?? Number.NaN
}

describe('fences', () => {
  test('are safe integers that grow with each grant, also within a microsecond', async () => {
    const fences: number[] = []
    const requests = Array.from({ length: 200 }, (_, i) => ({ ...ours, token: `t${i}` }))
    await Promise.all(
      requests.map(async (request) => {
        const [granted, released] = [grantedFence(request), store.release(request)]
        fences.push(await granted)
        await released
      }),
    )
    expect(fences).toEqual([...new Set(fences)].sort((a, b) => a - b))
    expect(fences.every(Number.isSafeInteger)).toBe(true)
    expect((await storedLease(direct, key)).lastFence).toBe(fences.at(-1))
  })

  test('grow when all data is lost, and when the clock is behind the last one', async () => {
    const first = await grantedFence(ours)
    await direct.call('FLUSHALL')
    const second = await grantedFence(ours)
    expect(second).toBeGreaterThan(first)
    await store.release(ours)
    const ahead = second + 3_600_000_000
    await direct.call('SET', key, `${ahead}\n`, 'PX', 60_000)
    expect(await grantedFence(ours)).toBe(ahead + 1)
    await store.release(ours)
    expect(await grantedFence(ours)).toBe(ahead + 2)
  })

  test('are counted for 24 hours from the last grant', async () => {
    await direct.call('SET', key, '1\n', 'PX', 60_000)
    await store.acquire(ours)
    const ttlMs = Number(await direct.call('PTTL', key))
    expect(ttlMs).toBeGreaterThan(86_400_000 - 10_000)
    expect(ttlMs).toBeLessThanOrEqual(86_400_000)
  })
})

describe('a command that comes late', () => {
  const late = async () => ({
    notAfterMs: Number(((await direct.call('TIME')) as string[])[0]) * 1000 - 1,
  })

  test('does not acquire', async () => {
    expect(await store.acquire({ ...ours, ...(await late()) })).toEqual({
      state: 'late',
      storeNowMs: expect.any(Number),
    })
    expect(await direct.call('DBSIZE')).toBe(0)
  })

  test('does not extend', async () => {
    await store.acquire(ours)
    const before = await direct.call('DUMP', key)
    const reply = await store.extend({ ...ours, ttlMs: 90_000, ...(await late()) })
    expect(reply.state).toBe('late')
    expect(await direct.call('DUMP', key)).toBe(before)
  })

  test('runs as long as its time has not come', async () => {
    const { storeNowMs } = (await store.acquire(ours)) as { storeNowMs: number }
    const notAfterMs = storeNowMs + 10_000.5
    expect((await store.extend({ ...ours, notAfterMs })).state).toBe('extended')
  })
})

describe('data that is not ours', () => {
  const secret = 'hunter2'
  test.each([
    ['a string', key, ['SET', key, secret]],
    ['a list', key, ['RPUSH', key, secret]],
    ['a hash', key, ['HSET', key, 'field', secret]],
    ['a number', key, ['SET', key, 5]],
    ['a text that begins like ours', key, ['SET', key, `1\na 1 1 1 1 1 \n${secret}`]],
  ])('%s is a conflict and stays untouched', async (_, foreignKey, command) => {
    await direct.call(...command)
    const before = await direct.call('DUMP', foreignKey)
    const calls = [store.acquire(ours)]
    if (foreignKey === key) {
      const others = [store.extend(ours), store.release(ours), store.inspect(key)]
      calls.push(...(others as typeof calls))
    }
    for (const reply of await Promise.allSettled(calls)) {
      expect(reply).toMatchObject({ status: 'rejected', reason: { code: 'CONFLICT' } })
      expect(String(reply.status === 'rejected' && reply.reason.message)).not.toContain(secret)
    }
    expect(await direct.call('DUMP', foreignKey)).toBe(before)
    expect(await direct.call('PTTL', foreignKey)).toBe(-1)
    expect(await direct.call('DBSIZE')).toBe(1)
  })
})

describe('the keys of a lease', () => {
  test('say no more than the last fence when nobody holds it', async () => {
    const fence = await grantedFence(ours)
    await store.release(ours)
    expect(await direct.call('KEYS', '*')).toEqual([key])
    expect(await direct.call('GET', key)).toBe(`${fence}\n`)
  })

  test('do not collect expired holders', async () => {
    const shared = { ...ours, capacity: 10 }
    await store.acquire(shared)
    await direct.call('APPEND', key, 'gone 1 10 1 1 1 \n')
    expect((await store.inspect(key)).holders).toMatchObject([{ token: 'ours' }])
    await store.extend(ours)
    expect(await direct.call('GET', key)).toMatch(/^\d+\nours [^\n]+\n$/)
  })

  test('are listed while somebody holds it', async () => {
    await store.acquire(ours)
    await direct.call('SET', 'locks:l1:{foreign}', 'theirs')
    expect(await everyKey(store, 'locks:l1:')).toEqual([key])
    await store.release(ours)
    expect(await everyKey(store, 'locks:l1:')).toEqual([])
  })

  test('list many holders in the order of their grants', async () => {
    const tokens = Array.from({ length: 200 }, (_, i) => `token-${i}`)
    for (const token of tokens) void store.acquire({ ...ours, token, capacity: 2 ** 31 })
    const { holders, capacity } = await store.inspect(key)
    expect(capacity).toBe(2 ** 31)
    expect(holders.map(({ token }) => token)).toEqual(tokens)
  })
})

test('a server out of memory grants nothing, and lets nobody down', async () => {
  const permit = { key: 'locks:l1:{permits}', ttlMs: 60_000, capacity: 2 }
  const permits = [
    { ...permit, token: 'a' },
    { ...permit, token: 'b' },
  ] as const
  const together = ['one', 'two'].map((name) => ({ ...ours, key: `locks:l1:{${name}}` }))
  for (const request of [ours, ...permits, ...together]) await store.acquire(request)
  await direct.call('CONFIG', 'SET', 'maxmemory', 1)
  try {
    await expect(store.acquire({ ...ours, key: 'locks:l1:{other}' })).rejects.toThrow('OOM')
    expect(await store.extend({ ...ours, ttlMs: 90_000 })).toMatchObject({ state: 'extended' })
    expect((await store.inspect(key)).holders[0]?.remainingMs).toBeGreaterThan(80_000)
    expect(await store.release(permits[0])).toMatchObject({ state: 'released' })
    expect(await store.release(ours)).toMatchObject({ state: 'released' })
    const released = await Promise.all(together.map((request) => store.release(request)))
    expect(released).toMatchObject([{ state: 'released' }, { state: 'released' }])
    expect((await store.inspect(key)).holders).toEqual([])
    expect((await store.inspect(permits[0].key)).holders).toMatchObject([{ token: 'b' }])
  } finally {
    await direct.call('CONFIG', 'SET', 'maxmemory', 0)
  }
})

describe('scripts', () => {
  test('are loaded once; then an operation is one command', async () => {
    const all = async () => {
      await store.acquire(ours)
      await store.extend(ours)
      await store.inspect(key)
      await store.release(ours)
    }
    await all()
    await direct.call('CONFIG', 'RESETSTAT')
    await all()
    const stats = String(await direct.call('INFO', 'commandstats'))
    expect(stats).toContain('cmdstat_evalsha:calls=4,')
    expect(stats).not.toMatch(/cmdstat_eval:/)
  })

  test('may be flushed at any moment of a burst', async () => {
    const flushes: Promise<unknown>[] = []
    const flush = () => flushes.push(direct.call('SCRIPT', 'FLUSH'))
    const rounds = Array.from({ length: 300 }, async (_, i) => {
      const request = { ...ours, key: `locks:l1:{${i}}` }
      for (let turn = i % 7; turn > 0; turn--) await Promise.resolve()
      if (i % 20 === 0) flush()
      const granted = await store.acquire(request)
      const extended = await store.extend(request)
      if (i % 20 === 10) flush()
      const released = await store.release(request)
      return [granted.state, extended.state, released.state].join()
    })
    expect(new Set(await Promise.all(rounds))).toEqual(new Set(['granted,extended,released']))
    await Promise.all(flushes)
    expect(flushes).toHaveLength(30)
  })
})
