import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { type RedisServer, startRedis } from '@locks/test-servers'
import { createClient } from 'redis'
import type { HerdCacheOptions } from '../src/index.ts'
import { Service } from './helpers/service.ts'

let redis: RedisServer
let database: ReturnType<typeof connect>
let services: Service[] = []

const connect = (url: string) => createClient({ url })

beforeAll(async () => {
  redis = await startRedis()
  database = connect(redis.url)
  await database.connect()
})

afterEach(async () => {
  await Promise.all(services.map((service) => service[Symbol.asyncDispose]()))
  services = []
  await database.flushAll()
})

afterAll(async () => {
  database?.destroy()
  await redis?.stop()
})

const start = async (count: number, options: Partial<HerdCacheOptions> = {}) => {
  services = await Service.startMany(count, redis.url, options)
  return services
}

const loads = async () => Number(await database.get('loads:k'))

/** All ask for `k` with 50 callers each; who loads and who waits, once all have found out. */
async function herd(all: readonly Service[]) {
  for (const service of all) service.tell({ do: 'getOrSet', key: 'k', callers: 50 })
  const firsts = await Promise.all(
    all.map(async (service) => ({ service, loads: 'loading' in (await service.hear()) })),
  )
  return {
    loading: firsts.filter((first) => first.loads).map(({ service }) => service),
    waiting: firsts.filter((first) => !first.loads).map(({ service }) => service),
  }
}

const heard = (all: readonly Service[]) => Promise.all(all.map((service) => service.hear()))

const got = (...values: unknown[]) => ({ done: 'getOrSet', result: values })

describe('three processes with 50 callers each', () => {
  test('load once', async () => {
    await database.set('db:k', 'v1')
    const { loading, waiting } = await herd(await start(3))
    expect([loading.length, waiting.length]).toEqual([1, 2])
    loading[0]?.tell({ do: 'finish', key: 'k' })
    expect(await heard(waiting)).toEqual([got('v1'), got('v1')])
    expect(await loads()).toBe(1)
    for (const service of waiting) expect(await service.ask({ do: 'get', key: 'k' })).toBe('v1')
  })

  test('load once more when the loading one is killed, at its lease’s end', async () => {
    await database.set('db:k', 'v1')
    const { loading, waiting } = await herd(await start(3, { lease: 5000 }))
    await loading[0]?.program.kill()
    const askedAtMs = performance.now()
    const leftMs = await database.pTTL('app:c1:{k}:l')
    const next = waiting.map((service) => service.hear())
    const { taker, report } = await Promise.race(
      next.map(async (heard, index) => ({ taker: index, report: await heard })),
    )
    expect(report).toEqual({ loading: 'k' })
    expect(leftMs).toBeGreaterThan(0)
    expect(performance.now() - askedAtMs).toBeGreaterThanOrEqual(leftMs - 1)
    waiting[taker]?.tell({ do: 'finish', key: 'k' })
    expect(await next[1 - taker]).toEqual(got('v1'))
    expect(await loads()).toBe(2)
  })
})

describe('a change while another process loads', () => {
  test('delete: its callers get what it read, nobody else ever does', async () => {
    await database.set('db:k', 'v1')
    const [one, two, three] = (await start(3)) as [Service, Service, Service]
    one.tell({ do: 'getOrSet', key: 'k', callers: 50 })
    expect(await one.hear()).toEqual({ loading: 'k' })
    await database.set('db:k', 'v2')
    expect(await two.ask({ do: 'delete', key: 'k' })).toBe(false)
    three.tell({ do: 'getOrSet', key: 'k', callers: 50 })
    expect(await three.hear()).toEqual({ loading: 'k' })
    one.tell({ do: 'finish', key: 'k' })
    expect(await heard([one, one])).toEqual(expect.arrayContaining([got('v1'), { done: 'finish' }]))
    expect(await two.ask({ do: 'get', key: 'k' })).toBe('nothing')
    three.tell({ do: 'finish', key: 'k' })
    expect(await heard([three, three])).toEqual(
      expect.arrayContaining([got('v2'), { done: 'finish' }]),
    )
    for (const service of [one, two, three]) {
      expect(await service.ask({ do: 'get', key: 'k' })).toBe('v2')
    }
  })

  test('set: the set value stays', async () => {
    await database.set('db:k', 'v1')
    const [one, two] = (await start(2)) as [Service, Service]
    one.tell({ do: 'getOrSet', key: 'k', callers: 1 })
    await one.hear()
    await two.ask({ do: 'set', key: 'k', value: 'v2' })
    one.tell({ do: 'finish', key: 'k' })
    expect(await heard([one, one])).toEqual(expect.arrayContaining([got('v1'), { done: 'finish' }]))
    expect(await one.ask({ do: 'get', key: 'k' })).toBe('v2')
  })
})

test('a process frozen for longer than its lease overwrites nothing newer', async () => {
  await database.set('db:k', 'v1')
  const { loading, waiting } = await herd(await start(2, { lease: 4000 }))
  const [frozen, other] = [loading[0], waiting[0]] as [Service, Service]
  await frozen.program.pause()
  await database.set('db:k', 'v2')
  expect(await other.hear()).toEqual({ loading: 'k' })
  other.tell({ do: 'finish', key: 'k' })
  expect(await heard([other, other])).toEqual(
    expect.arrayContaining([got('v2'), { done: 'finish' }]),
  )
  frozen.program.resume()
  frozen.tell({ do: 'finish', key: 'k' })
  expect(await heard([frozen, frozen])).toEqual(
    expect.arrayContaining([got('v1'), { done: 'finish' }]),
  )
  expect(await frozen.ask({ do: 'get', key: 'k' })).toBe('v2')
  expect(await loads()).toBe(2)
})
