import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type RedisServer, RespConnection, startRedis } from '@locks/test-servers'
import { type AcquireRequest, isLocksError, type LeaseStore } from '../src/index.ts'
import type { RedisArgument, RedisClient } from '../src/redis-client.ts'
import { redisLeaseStore } from '../src/redis-lease-store.ts'
import { ScriptRunner } from '../src/script-runner.ts'
import { Chance } from './chance.ts'
import { type Connected, connectors } from './clients.ts'

const NAMES = 40
const ROUNDS = 40
const TOKENS = ['a', 'b', 'c']
const HEARD = 'heard'

let redis: RedisServer
let direct: RespConnection
let listening: RespConnection
beforeAll(async () => {
  redis = await startRedis()
  direct = await RespConnection.open(redis.port)
  listening = await RespConnection.open(redis.port)
  await listening.call('SUBSCRIBE', HEARD)
})
afterAll(async () => {
  direct.close()
  listening.close()
  await redis.stop()
})

/** A store, and how many commands it has sent. */
class CountedStore {
  sent = 0
  readonly store: LeaseStore

  constructor({ client }: Connected, oneSlot: boolean) {
    const counted: RedisClient = {
      oneSlot,
      sendCommand: (args: RedisArgument[], options) => {
        this.sent++
        return client.sendCommand(args, options)
      },
    }
    this.store = redisLeaseStore(new ScriptRunner(counted), undefined)
  }
}

/** The same random command for a name, whatever the store. */
function commandOf(chance: Chance, name: number): (store: LeaseStore, prefix: string) => unknown {
  const token = chance.pick(TOKENS)
  const ttlMs = chance.pick([600_000, 900_000])
  const guard = chance.happens(0.1) ? { notAfterMs: 1_000 } : {}
  const size = chance.pick([{}, {}, { capacity: 2 }, { units: 2, capacity: 2 }, { fences: 3 }])
  const waiter = { subscriber: chance.pick([HEARD, 'gone']), grantMs: 600_000 }
  const waits = chance.happens(0.4) ? { waiter } : {}
  const kind = chance.pick(['acquire', 'acquire', 'extend', 'release'] as const)
  const heir = chance.happens(0.2) ? { newToken: 'd' } : {}
  return (store, prefix) => {
    const key = `${prefix}:{${name}}`
    const request: AcquireRequest = { key, token, ttlMs, ...size, ...waits, ...guard }
    if (kind === 'acquire') return store.acquire(request)
    return kind === 'extend'
      ? store.extend({ key, token, ttlMs, ...guard, ...heir })
      : store.release({ key, token })
  }
}

/** A reply without what differs from one run to the next. */
async function outcome(reply: unknown): Promise<unknown> {
  try {
    const { storeNowMs, fence, ...facts } = (await reply) as Record<string, unknown>
    // What is left for somebody else.
    if (facts.state === 'held') delete facts.remainingMs
    return { ...facts, timed: storeNowMs !== undefined, fenced: fence !== undefined }
  } catch (error) {
    return isLocksError(error) ? error.code : error
  }
}

async function stateOf(store: LeaseStore, prefix: string, name: number): Promise<unknown> {
  const key = `${prefix}:{${name}}`
  try {
    const { holders, capacity, waiters } = await store.inspect(key)
    const ttls = await Promise.all([key, `${key}:q`].map((each) => direct.call('PTTL', each)))
    const held = holders.map(({ token, units }) => `${token} ${units}`)
    return { held, capacity, waiters, ends: ttls.map((ttl) => Number(ttl) > 0) }
  } catch (error) {
    return (error as { code?: unknown }).code
  }
}

test.each(['redis 6', 'redis 4', 'redis 6 with types of its own', 'redis 6 pool'] as const)(
  'by %s, commands of one turn do together what each would do alone',
  async (kind) => {
    await direct.call('FLUSHALL')
    const connected = await connectors[kind](redis.url)
    const together = new CountedStore(connected, false)
    const alone = new CountedStore(connected, true)
    const chance = new Chance(7)
    const names = Array.from({ length: NAMES }, (_, name) => name)
    for (const prefix of ['together', 'alone']) {
      await direct.call('RPUSH', `${prefix}:{3}`, 'foreign')
      await direct.call('SET', `${prefix}:{5}:q`, 'foreign')
    }
    for (let round = 0; round < ROUNDS; round++) {
      // Some names are asked about twice in a turn.
      const asked = [...names, ...names.filter(() => chance.happens(0.1))]
      const commands = asked.map((name) => commandOf(chance, name))
      const results = await Promise.all(
        [together, alone].map(({ store }, i) => {
          const prefix = i === 0 ? 'together' : 'alone'
          return Promise.all(commands.map((command) => outcome(command(store, prefix))))
        }),
      )
      expect(results[0]).toEqual(results[1])
      const states = await Promise.all(
        [together, alone].map(({ store }, i) => {
          const prefix = i === 0 ? 'together' : 'alone'
          return Promise.all(names.map((name) => stateOf(store, prefix, name)))
        }),
      )
      expect(states[0]).toEqual(states[1])
    }
    const inspections = ROUNDS * NAMES
    expect(together.sent - inspections).toBeLessThan((alone.sent - inspections) / 2)
    await connected.close()
  },
)

test('those who queue for one name in one turn go out as one, and stand in their order', async () => {
  await direct.call('FLUSHALL')
  const connected = await connectors['redis 6'](redis.url)
  const counted = new CountedStore(connected, false)
  const { store } = counted
  const waiter = { subscriber: HEARD, grantMs: 60_000 }
  const tokens = ['a', 'b', 'c', 'd', 'e']
  const ask = (key: string) =>
    Promise.all(tokens.map((token) => store.acquire({ key, token, ttlMs: 60_000, waiter })))
  // Makes the script known.
  await ask('first:{1}')
  const before = counted.sent
  const replies = await ask('line:{1}')
  expect(counted.sent - before).toBe(1)
  expect(replies.map(({ state }) => state)).toEqual(['granted', 'held', 'held', 'held', 'held'])
  const held: unknown[] = []
  for (const token of tokens) {
    const { holders } = await store.inspect('line:{1}')
    held.push(...holders.map((holder) => holder.token))
    await store.release({ key: 'line:{1}', token })
  }
  expect(held).toEqual(tokens)
  await connected.close()
})

test('who queues behind one of its own turn does not overtake it', async () => {
  await direct.call('FLUSHALL')
  const connected = await connectors['redis 6'](redis.url)
  const { store } = new CountedStore(connected, false)
  const waiter = { subscriber: HEARD, grantMs: 60_000 }
  const ask = (token: string, units: number) =>
    store.acquire({ key: 'line:{2}', token, ttlMs: 60_000, units, capacity: 2, waiter })
  await ask('x', 1)
  const replies = await Promise.all([ask('two', 2), ask('one', 1)])
  expect(replies.map(({ state }) => state)).toEqual(['held', 'held'])
  await store.release({ key: 'line:{2}', token: 'x' })
  const { holders, waiters } = await store.inspect('line:{2}')
  expect({ holders: holders.map(({ token }) => token), waiters }).toEqual({
    holders: ['two'],
    waiters: 1,
  })
  await connected.close()
})

test('a key that may not be used costs the others of its turn nothing', async () => {
  await direct.call('FLUSHALL')
  await direct.call('ACL', 'SETUSER', 'some', 'on', '>pass', '+@all', '~allowed*', '&*')
  const url = redis.url.replace('redis://', 'redis://some:pass@')
  const connected = await connectors['redis 6'](url)
  const { store } = new CountedStore(connected, false)
  const acquire = (key: string) => store.acquire({ key, token: 'a', ttlMs: 60_000 })
  const keys = ['allowed:{1}', 'allowed:{2}', 'other:{3}', 'allowed:{4}']
  const replies = await Promise.allSettled(keys.map(acquire))
  expect(replies).toMatchObject([
    { value: { state: 'granted' } },
    { value: { state: 'granted' } },
    { reason: { message: expect.stringMatching(/^NOPERM/) } },
    { value: { state: 'granted' } },
  ])
  await connected.close()
})
