import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { redisStore } from '@locks/redis'
import { type RedisServer, RespConnection, startRedis } from '@locks/test-servers'
import { createClient } from 'redis'
import { knowsHolder } from '../src/lua.gen.ts'

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

const KEY = 'locks:l1:{n}'
const HOUR_MS = 3_600_000

/** Two readers, of whom one will be gone in an hour and the other in two, and a key that ends in three. */
async function hold(): Promise<Record<'first' | 'second', number>> {
  const client = createClient({ url: redis.url }).on('error', () => {})
  await client.connect()
  const store = redisStore(client)
  const endsAtMs = async (token: string, hours: number) => {
    const lease = { key: KEY, token, ttlMs: hours * HOUR_MS, units: 1, capacity: 2 }
    return ((await store.acquire(lease)).storeNowMs ?? Number.NaN) + lease.ttlMs
  }
  const ends = { first: await endsAtMs('first', 1), second: await endsAtMs('second', 2) }
  await direct.call('PEXPIRE', KEY, 3 * HOUR_MS)
  client.destroy()
  return ends
}

/** How many whole hours a node will know of the lease: of each question, rounded up. */
async function answers(source: string): Promise<unknown[]> {
  const { first, second } = await hold()
  const know = async (token: string, endsAtMs: number, key = KEY) =>
    Math.ceil(Number(await direct.call('EVAL', source, 1, key, token, endsAtMs)) / HOUR_MS)
  const replies = [
    await know('first', first),
    await know('second', second),
    // As it was before a renewal that has not come here yet.
    await know('first', first + 1),
    await know('second', first),
    await know('third', first),
    await know('first', first, 'locks:l1:{none}'),
  ]
  await direct.call('PEXPIRE', KEY, HOUR_MS / 2)
  return [...replies, await know('second', second)]
}

test.each([
  ['whoever holds it', 'token == ARGV[1] and untilMs', 'untilMs'],
  ['what is written, or what was before', ' and untilMs >= tonumber(ARGV[2])', ''],
  ['another end only', 'untilMs >= tonumber', 'untilMs > tonumber'],
  [
    'a lease that outlives its key',
    "math.min(redis.call('PTTL', KEYS[1]), untilMs - nowMs)",
    'untilMs - nowMs',
  ],
  [
    'the key, not the lease',
    "math.min(redis.call('PTTL', KEYS[1]), untilMs - nowMs)",
    "redis.call('PTTL', KEYS[1])",
  ],
  ['a lease of none', 'return 0', 'return 1'],
  ['the beginning for the end', 'sinceMs + ttlMs', 'sinceMs + 0'],
])('what a replica knows is told from a script that knows %s', async (_, search, replace) => {
  const passages = knowsHolder.source.split(search)
  expect(passages).toHaveLength(2)
  const known = [1, 2, 0, 2, 0, 0, 1]
  expect(await answers(knowsHolder.source)).toEqual(known)
  expect(await answers(passages.join(replace))).not.toEqual(known)
})
