import { afterEach, describe, expect, test } from '@jest/globals'
import { check, parseHistory, Recorder, recordStore, sharedClock } from '@locks/history'
import { memcachedStore, metaTransport } from '@locks/memcached'
import { redisStore } from '@locks/redis'
import { startMemcached, startProxy, startRedis } from '@locks/test-servers'
import { createClient } from 'redis'
import { keyOf, type Store, until } from './backends.ts'
import { hammerEntry, hammerLeases } from './hammer.ts'

const PROCESSES = [1, 2, 3]
const PATIENT_MS = 240_000

const ends: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const end of ends.splice(0).toReversed()) await end()
})

const connect = {
  async Redis(port: number): Promise<Store> {
    const client = createClient({ socket: { host: '127.0.0.1', port } })
    client.on('error', () => {})
    await client.connect()
    const store = redisStore(client)
    ends.push(async () => {
      await store.close?.()
      client.destroy()
    })
    return store
  },
  async memcached(port: number): Promise<Store> {
    const store = memcachedStore(metaTransport({ port, timeout: PATIENT_MS }))
    ends.push(async () => store.close?.())
    return store
  },
}

type Backend = keyof typeof connect

/** A server, a proxy before it, and a store of each process, which all write one history. */
async function open(backend: Backend) {
  const server = await (backend === 'Redis' ? startRedis() : startMemcached())
  ends.push(() => server.stop())
  const proxy = await startProxy({ port: server.port })
  ends.push(() => proxy.stop())
  const texts: string[] = []
  const stores: Store[] = []
  for (const id of PROCESSES) {
    const write = (line: string) => {
      texts[id] = (texts[id] ?? '') + line
    }
    const recorder = new Recorder({ process: `p${id}`, now: sharedClock.now, write })
    stores.push(recordStore(await connect[backend](proxy.port), recorder))
  }
  const history = () => parseHistory(texts.filter((text) => text !== undefined))
  return { stores, proxy, history }
}

const TIMES = {
  Redis: { ttlsMs: [40, 300, 60_000], ttlSlackMs: 20 },
  memcached: { ttlsMs: [1000, 60_000], ttlSlackMs: 2500 },
}

/** Three keys, each in the hands of all processes. */
function work(stores: readonly Store[], backend: Backend): Promise<unknown> {
  const options = { commands: 60, ttlsMs: TIMES[backend].ttlsMs }
  const working = stores.flatMap((store, i) => [
    hammerLeases(store, keyOf('a'), { ...options, seed: 10 + i }),
    hammerEntry(store, 'shop:c1:{a}', { ...options, seed: 20 + i }),
    hammerEntry(store, 'shop:c1:{b}', { ...options, seed: 30 + i }),
  ])
  return Promise.all(working)
}

describe.each(['Redis', 'memcached'] as const)(
  'some order explains all replies of %s',
  (backend) => {
    const { ttlSlackMs } = TIMES[backend]

    test('to all who ask at the same time', async () => {
      const { stores, history } = await open(backend)
      await work(stores, backend)
      const { violations, counts } = check(history(), { atLeast: {}, ttlSlackMs })
      expect(violations).toEqual([])
      expect(counts.undecided).toBe(0)
      expect(counts.commands).toBeGreaterThan(400)
    })

    test('also when connections break', async () => {
      const { stores, proxy, history } = await open(backend)
      const working = work(stores, backend)
      for (const operations of [100, 200]) {
        await until(() => history().operations.length >= operations)
        // What the server has answered by now, and nobody is told, stays open.
        const { replyBytes } = proxy
        proxy.dropReplies()
        await until(() => proxy.replyBytes > replyBytes)
        proxy.reset()
        await proxy.restore()
      }
      await working
      const expected = { atLeast: {}, ttlSlackMs, orderStepsMax: 50_000 }
      const { violations, counts } = check(history(), expected)
      expect(violations).toEqual([])
      expect(counts.ambiguous).toBeGreaterThan(0)
    })
  },
)

test('some order explains all replies of Redis to those who queue', async () => {
  const { stores, history } = await open('Redis')
  const listener = { granted() {}, stolen() {}, disconnected() {}, reconnected() {} }
  for (const [i, store] of stores.entries()) {
    const subscription = store.onGrant?.(`inbox${i}`, listener)
    await subscription?.ready
    ends.push(async () => subscription?.close())
  }
  await Promise.all(
    stores.map((store, i) =>
      hammerLeases(store, keyOf('a'), {
        ...{ seed: 40 + i, commands: 100, ttlsMs: [40, 300, 60_000] },
        subscriber: `inbox${i}`,
      }),
    ),
  )
  const { violations, counts } = check(history(), {
    ...{ atLeast: {}, ttlSlackMs: 20, waitersHear: true },
  })
  expect(violations).toEqual([])
  expect(counts.undecided).toBe(0)
  expect(counts.commands).toBeGreaterThan(200)
})
