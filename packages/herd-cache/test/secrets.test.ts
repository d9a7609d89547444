import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { createLocks, type ErrorCode, isLocksError, optimistic, quorum } from '@locks/core'
import { memcachedStore, metaTransport } from '@locks/memcached'
import { memoryStore } from '@locks/memory'
import { type RedisClient, redisStore } from '@locks/redis'
import { claimPort, type RedisServer, RespConnection, startRedis } from '@locks/test-servers'
import { createClient } from 'redis'
import { type CacheStore, HerdCache, type LeaseStore } from '../src/index.ts'

const PASSWORD = 'TOPSECRET-password'
const VALUE = 'TOPSECRET-value'
const PATIENT = { storeTimeout: '30s' } as const

type Store = LeaseStore & CacheStore

let redis: RedisServer
let direct: RespConnection
let client: ReturnType<typeof connected>
beforeAll(async () => {
  redis = await startRedis({ args: ['--requirepass', PASSWORD] })
  direct = await RespConnection.open(redis.port)
  await direct.call('AUTH', PASSWORD)
  client = connected(redis)
  await client.connect()
})
afterAll(async () => {
  client.destroy()
  direct.close()
  await redis.stop()
})

function connected({ port }: { readonly port: number }, password = PASSWORD) {
  const url = `redis://:${password}@127.0.0.1:${port}`
  return createClient({ url, socket: { reconnectStrategy: false } }).on('error', () => {})
}

/** What holders and loads were known by: whoever has one can free a lock, or store a value. */
const tokens = new Set<string>()

/** The same store; the tokens that it is given are noted. */
function noted(store: Store): Store {
  const note = (request: unknown) => {
    const { token, newToken } = request as { token?: string; newToken?: string }
    for (const each of [token, newToken]) if (each !== undefined) tokens.add(each)
  }
  return new Proxy(store, {
    get(target, name) {
      const method: unknown = Reflect.get(target, name)
      if (typeof method !== 'function') return method
      return (request: unknown, ...rest: unknown[]) => {
        if (typeof request === 'object' && request !== null) note(request)
        return (method as (...args: unknown[]) => unknown).call(target, request, ...rest)
      }
    },
  })
}

/** What is thrown; for who throws nothing a plain error. */
const thrownBy = async (act: () => unknown): Promise<unknown> => {
  try {
    await act()
    return new Error('nothing was thrown')
  } catch (error) {
    return error
  }
}

function expectNoSecrets(error: unknown, code: ErrorCode): void {
  expect(isLocksError(error) ? error.code : error).toBe(code)
  const { stack, cause } = error as Error
  const shown = [
    inspect(error, { depth: 10, showHidden: true }),
    JSON.stringify(error),
    ...[stack, cause, inspect(cause, { depth: 10, showHidden: true })].map(String),
  ].join('\n')
  expect(shown).not.toContain('TOPSECRET')
  for (const token of tokens) expect(shown).not.toContain(token)
  // No client, socket or request: nothing but words and numbers, and the errors of a quorum's nodes.
  const parts = Reflect.ownKeys(error as Error).map((key) => Reflect.get(error as Error, key))
  const objects = parts.filter((part) => typeof part === 'object' && part !== null)
  expect(objects.filter((part) => !(part instanceof AggregateError))).toEqual([])
}

let names = 0
const freshName = () => `n${++names}`
const locksOf = (store: Store = noted(redisStore(client))) => createLocks(store, PATIENT)
/** A load that is slow on a slow machine must not go to somebody else. */
const SLOW = { ...PATIENT, lease: '60s', loaderTimeout: '150s' } as const
const cacheOf = (namespace = freshName()) =>
  new HerdCache({ store: noted(redisStore(client)), namespace, ...SLOW })

/** Some way to each code, with secrets all around. */
const ways: Readonly<Record<ErrorCode, () => Promise<unknown>>> = {
  async LOCK_TIMEOUT() {
    const locks = locksOf()
    await locks.acquire('held')
    return locks.acquire('held', { wait: 1 })
  },
  async LOCK_LOST() {
    const lock = await locksOf().acquire('lost')
    await direct.call('DEL', 'locks:l1:{lost}')
    await lock.extend()
    return lock.assertHeld()
  },
  async STORE_UNAVAILABLE() {
    return createLocks(redisStore(connected(redis, 'TOPSECRET-wrong')), PATIENT).acquire('n', {
      wait: 0,
    })
  },
  async UNSUPPORTED() {
    const { leave: _, onGrant: __, ...store } = noted(redisStore(client))
    return createLocks(store as LeaseStore, PATIENT).acquire('n', { permits: 2 })
  },
  async INVALID_ARGUMENT() {
    return locksOf().acquire('n', { ttl: VALUE as '1s' })
  },
  async CONFLICT() {
    await direct.call('SET', 'locks:l1:{foreign}', VALUE)
    return locksOf().acquire('foreign')
  },
  async LOAD_FAILED() {
    const [one, two] = [cacheOf('failed'), cacheOf('failed')]
    let fail = (_: Error) => {}
    let first: Promise<unknown> = Promise.resolve()
    await new Promise<void>((begin) => {
      const load = () => {
        begin()
        return new Promise<string>((_, reject) => (fail = reject))
      }
      first = thrownBy(() => one.getOrSet('k', load))
    })
    const second = thrownBy(() => two.getOrSet('k', () => VALUE))
    const waits = async () => Number(await direct.call('HEXISTS', 'failed:c1:{k}:l', 'w')) === 1
    while (!(await waits()));
    fail(Object.assign(new Error('no'), { VALUE }))
    await first
    throw await second
  },
  async STREAM_BROKEN() {
    const store = noted(redisStore(client))
    let isLost = false
    const forgetful: CacheStore = {
      ...store,
      read: (keys) => (isLost ? Promise.resolve(keys.map(() => undefined)) : store.read(keys)),
    }
    const cache = new HerdCache({ store: forgetful, namespace: freshName(), ...PATIENT, l1: false })
    const rows = cache.memoizeIter(manyRows, { key: 'rows' })
    for await (const _ of rows());
    for await (const _ of rows()) isLost = true
  },
  async LOAD_TIMEOUT() {
    const never = () => new Promise<string>(() => {})
    return cacheOf().getOrSet('k', never, { loaderTimeout: 1 })
  },
  async LOAD_RECURSION() {
    const cache = cacheOf()
    const load = (): Promise<string> => cache.getOrSet('k', load)
    return cache.getOrSet('k', load)
  },
}

async function* manyRows() {
  for (let row = 0; row < 12; row++) yield VALUE.repeat(20_000)
}

describe('an error shows no token, value, password or client, however it is looked at:', () => {
  test.each(Object.entries(ways))('%s', async (code, way) => {
    expectNoSecrets(await thrownBy(way), code as ErrorCode)
    expect(tokens.size).toBeGreaterThan(0)
  })

  test('a comparison that found another value', async () => {
    const store = noted(redisStore(client))
    const name = freshName()
    const [one, two] = [await optimistic(store, name), await optimistic(store, name)]
    await one.cas(VALUE)
    expectNoSecrets(await thrownBy(() => two.cas(VALUE)), 'CONFLICT')
  })

  test('a server that repeats what it does not understand', async () => {
    const other = await startRedis({ args: ['--rename-command', 'EVALSHA', ''] })
    await using _ = { [Symbol.asyncDispose]: () => other.stop() }
    const plain = createClient({ url: other.url }).on('error', () => {})
    await plain.connect()
    const locks = locksOf(noted(redisStore(plain)))
    // With a name as short as it gets, the owner token is among the words repeated.
    const error = await thrownBy(() => locks.acquire('n', { wait: 0 }))
    plain.destroy()
    expect(String(error)).toContain('unknown command')
    expectNoSecrets(error, 'STORE_UNAVAILABLE')
  })

  test('a client that puts all it has on its errors', async () => {
    const leaky: RedisClient = {
      sendCommand: (args) =>
        Promise.reject(
          Object.assign(new TypeError(`redis://u:${PASSWORD}@host failed`), {
            input: PASSWORD,
            command: { args },
            client,
          }),
        ),
    }
    const locks = locksOf(noted(redisStore(leaky)))
    expectNoSecrets(await thrownBy(() => locks.acquire('n', { wait: 0 })), 'STORE_UNAVAILABLE')
    const nodes = [leaky, leaky, leaky].map((each) => noted(redisStore(each)))
    const red = createLocks(quorum(nodes), PATIENT)
    expectNoSecrets(await thrownBy(() => red.acquire('n', { wait: 0 })), 'STORE_UNAVAILABLE')
    const cache = new HerdCache({ store: noted(redisStore(leaky)), namespace: 'n', ...PATIENT })
    expectNoSecrets(await thrownBy(() => cache.set('k', VALUE)), 'STORE_UNAVAILABLE')
  })

  test('a memcached that is not there', async () => {
    using nowhere = await claimPort()
    const store = memcachedStore(metaTransport({ port: nowhere.port }))
    const locks = locksOf(noted(store as Store))
    expectNoSecrets(await thrownBy(() => locks.acquire('n', { wait: 0 })), 'STORE_UNAVAILABLE')
    await store.close?.()
  })

  test('a lock that is used after its release, in memory too', async () => {
    const lock = await locksOf(noted(memoryStore())).acquire('n')
    await lock.release()
    expectNoSecrets(await thrownBy(() => lock.assertHeld()), 'LOCK_LOST')
  })
})
