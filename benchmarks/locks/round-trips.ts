import { createLocks, type LeaseStore } from '@locks/core'
import {
  memcacheClientTransport,
  memcachedOptions,
  memcachedStore,
  metaTransport,
} from '@locks/memcached'
import { redisStore } from '@locks/redis'
import { startMemcached, startRedis } from '@locks/test-servers'
import { MemcacheClient } from 'memcache-client'
import Memcached from 'memcached'
import { createClient } from 'redis'
import type { Scenario } from '../harness/report.ts'
import { digits } from '../harness/statistics.ts'
import { atMost } from '../harness/target.ts'
import { TurnCount } from '../harness/turn-count.ts'

/** A store behind a counted way to its server, and the most that an acquire and its release may take. */
interface Way {
  readonly store: string
  readonly most: number
  start(): Promise<{ readonly port: number } & AsyncDisposable>
  connect(port: number): Promise<{ readonly store: LeaseStore; close(): unknown }>
}

const ways: readonly Way[] = [
  {
    store: 'Redis: redis',
    most: 2,
    start: startRedis,
    async connect(port) {
      const client = await createClient({ url: `redis://127.0.0.1:${port}` }).connect()
      return { store: redisStore(client), close: () => client.destroy() }
    },
  },
  {
    store: 'memcached: metaTransport',
    most: 2,
    start: startMemcached,
    async connect(port) {
      const transport = metaTransport({ port })
      return { store: memcachedStore(transport), close: () => transport.close() }
    },
  },
  {
    store: 'memcached: memcached',
    most: 4,
    start: startMemcached,
    async connect(port) {
      const client = new Memcached(`127.0.0.1:${port}`, memcachedOptions())
      return { store: memcachedStore(client), close: () => client.end() }
    },
  },
  {
    store: 'memcached: memcache-client',
    most: 4,
    start: startMemcached,
    async connect(port) {
      const client = new MemcacheClient({ server: `127.0.0.1:${port}` })
      const close = () => client.shutdown()
      return { store: memcachedStore(memcacheClientTransport(client)), close }
    },
  },
]

const TIMES = 100

/** What an acquire and its release cost, nobody else being there. */
export async function roundTrips(): Promise<Scenario[]> {
  const counted = []
  for (const way of ways) counted.push({ ...way, ...(await measure(way)) })
  return [
    {
      title: `round trips: ${TIMES} acquisitions one after another, connection open`,
      notes: ['counted between the client and its server: requests that follow upon a reply'],
      rows: counted.map(({ store, acquire, extend, release }) => ({
        store,
        acquire: digits(acquire, 2),
        extend: digits(extend, 2),
        release: digits(release, 2),
      })),
      targets: counted.map(({ store, most, acquire, release }) =>
        atMost(`${store}: acquire and release`, acquire + release, most),
      ),
      violations: [],
      missing: [],
    },
  ]
}

/** The mean of each step. */
async function measure({ start, connect }: Way) {
  await using server = await start()
  await using turns = await TurnCount.open(server.port)
  const { store, close } = await connect(turns.port)
  const locks = createLocks(store)
  // Connects, and uploads scripts.
  const warmUp = await locks.acquire('warm-up')
  await warmUp.extend()
  await warmUp.release()
  turns.take()
  const sum = { acquire: 0, extend: 0, release: 0 }
  for (let time = 0; time < TIMES; time++) {
    const lock = await locks.acquire(`name-${time}`)
    sum.acquire += turns.take()
    await lock.extend()
    sum.extend += turns.take()
    await lock.release()
    sum.release += turns.take()
  }
  await locks.close()
  await close()
  const { acquire, extend, release } = sum
  return { acquire: acquire / TIMES, extend: extend / TIMES, release: release / TIMES }
}
