import { createLocks, type LeaseStore } from '@locks/core'
import { memcachedOptions, memcachedStore, metaTransport } from '@locks/memcached'
import { startMemcached, textExchange } from '@locks/test-servers'
import Memcached from 'memcached'
import { growth, type Traffic } from '../harness/traffic.ts'
import type { Pair } from './pair.ts'
import type { PairContender, PairPlace } from './pair-place.ts'
import { RawMemcached } from './raw-memcached.ts'

const TTL_SECONDS = 31
/** Commands of clients, however they are spelled. */
const REQUESTS = ['cmd_get', 'cmd_set', 'delete_hits', 'delete_misses']
const BYTES = ['bytes_read', 'bytes_written']

/** `add` and `delete`: whose lease it is, nobody asks. */
function unsafePair(client: Memcached): Pair {
  return async (name) => {
    await asked((done) => client.add(`floor:${name}`, crypto.randomUUID(), TTL_SECONDS, done))
    await asked((done) => client.del(`floor:${name}`, done))
  }
}

/** `add`, `gets` and a comparing `cas` with an end in the past, as our text transport does. */
function safePair(client: Memcached): Pair {
  return async (name) => {
    const key = `floor:${name}`
    const token = crypto.randomUUID()
    await asked((done) => client.add(key, token, TTL_SECONDS, done))
    const found = (await asked((done) => client.gets(key, done))) as Record<string, string>
    if (found[key] !== token) throw new Error(`${key} is not mine`)
    await asked((done) => client.cas(key, '', found.cas as string, -1, done))
  }
}

function asked(send: (done: (error: unknown, result?: unknown) => void) => void): Promise<unknown> {
  return new Promise((resolve, reject) => {
    send((error, result) => (error ? reject(error as Error) : resolve(result)))
  })
}

/** What a place of memcached is made of, the client of the floor aside. */
interface Parts {
  readonly title: string
  readonly floorName: string
  readonly wanted: Readonly<Record<number, number>>
  floor(client: Memcached): Pair
  store(port: number, client: Memcached): LeaseStore
  besides?(port: number): Promise<Besides>
}

/** What is measured beside the locks. */
interface Besides {
  readonly contenders: readonly PairContender[]
  close(): Promise<unknown>
}

/** What the locks of `metaTransport` are made of, layer by layer, and what a socket reaches at best. */
async function layersOfMeta(port: number): Promise<Besides> {
  const transport = metaTransport({ port })
  const store = memcachedStore(transport)
  const socket = await RawMemcached.open(port)
  return {
    contenders: [
      { name: 'its store alone: acquire, release', open: async () => storePair(store) },
      {
        name: 'its transport alone: add, compareAndDelete',
        open: async () => transportPair(transport),
        wanted: { 64: 5 },
      },
      { name: 'a bare socket: ms, md', open: async () => socket.pair },
    ],
    async close() {
      socket.close()
      await transport.close()
    },
  }
}

function storePair(store: LeaseStore): Pair {
  return async (name) => {
    const lease = { key: `store:${name}`, token: crypto.randomUUID(), ttlMs: TTL_SECONDS * 1000 }
    await store.acquire(lease)
    const { state } = await store.release(lease)
    if (state !== 'released') throw new Error(`${name} is ${state}`)
  }
}

function transportPair(transport: ReturnType<typeof metaTransport>): Pair {
  return async (name) => {
    const key = `transport:${name}`
    const value = crypto.randomUUID()
    const { version } = (await transport.add({ key, value, exptime: TTL_SECONDS })) ?? {}
    if (!version || !(await transport.compareAndDelete(key, version)))
      throw new Error(`${key} is not mine`)
  }
}

/** Ours on memcached, beside the package that is used most, and beside a bare socket. */
export const memcachedPlaces: readonly PairPlace[] = [
  placeOf({
    title: 'memcached by metaTransport',
    floorName: 'add, delete of npm memcached',
    wanted: { 64: 5 },
    floor: unsafePair,
    store: (port) => memcachedStore(metaTransport({ port })),
    besides: layersOfMeta,
  }),
  placeOf({
    title: 'memcached by npm memcached',
    floorName: 'add, gets, cas of npm memcached',
    wanted: { 64: 0.9 },
    floor: safePair,
    store: (_port, client) => memcachedStore(client),
  }),
]

function placeOf({ title, floorName, wanted, floor, store, besides }: Parts): PairPlace {
  return {
    title,
    floorName,
    async open() {
      const server = await startMemcached()
      const client = new Memcached(`127.0.0.1:${server.port}`, memcachedOptions())
      const locks = createLocks(store(server.port, client))
      const others = await besides?.(server.port)
      const ours: PairContender = {
        name: '@locks/memcached',
        open: async () => async (name) => (await locks.acquire(name)).release(),
        wanted,
      }
      return {
        floor: floor(client),
        contenders: [ours, ...(others?.contenders ?? [])],
        traffic: (run) => growth(() => trafficSoFar(server.port), run),
        async close() {
          await locks.close()
          await others?.close()
          client.end()
          await server.stop()
        },
      }
    },
  }
}

async function trafficSoFar(port: number): Promise<Traffic> {
  const stats = await textExchange(port, 'stats\r\n', /END\r\n$/)
  const sumOf = (names: readonly string[]) => {
    const values = names.map((name) => new RegExp(`STAT ${name} (\\d+)`).exec(stats)?.[1])
    return values.reduce((sum, value) => sum + Number(value ?? 0), 0)
  }
  return { requests: sumOf(REQUESTS), bytes: sumOf(BYTES) }
}
