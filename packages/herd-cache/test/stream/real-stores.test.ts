import { createHash, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals'
import { memcachedOptions, memcachedStore } from '@locks/memcached'
import { type MemcachedServer, spawnProgram, startMemcached } from '@locks/test-servers'
import Memcached from 'memcached'
import {
  aesGcmCipher,
  type CacheStore,
  HerdCache,
  jsonSerializer,
  type PipelineOptions,
} from '../../src/index.ts'
import { Backends } from '../helpers/backends.ts'
import { drained } from '../helpers/streams.ts'

const MB = 2 ** 20

let backends: Backends
let memcached: MemcachedServer
const opened: CacheStore[] = []
const caches: HerdCache[] = []
const clients: Memcached[] = []
beforeAll(async () => {
  backends = await Backends.start()
  memcached = await startMemcached({ memoryMb: 128 })
})
afterAll(async () => {
  for (const cache of caches) await cache.close()
  for (const store of new Set(opened)) await store.close?.()
  for (const client of clients) client.end()
  await memcached.stop()
  await backends[Symbol.asyncDispose]()
})

/** So many stores as in as many processes. */
async function openStores(kind: 'memory' | 'Redis' | 'memcached', count: number) {
  const stores = await (kind === 'memcached' ? openMemcached(count) : backends.open(kind, count))
  opened.push(...stores)
  return stores
}

function openMemcached(count: number): CacheStore[] {
  return Array.from({ length: count }, () => {
    const client = new Memcached(memcached.address, memcachedOptions({ timeout: 60_000 }))
    clients.push(client)
    return memcachedStore(client)
  })
}

const digest = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')

describe.each(['memory', 'Redis', 'memcached'] as const)('on %s', (kind) => {
  /** No deadline that a busy machine could miss. */
  const start = async (count: number, stages: PipelineOptions = { serializer: false }) => {
    const namespace = backends.newNamespace()
    const times = { storeTimeout: '60s', waitTimeout: '10m', lease: '60s', ttl: '1h' } as const
    const stores = await openStores(kind, count)
    const started = stores.map((store) => new HerdCache({ ...times, ...stages, namespace, store }))
    caches.push(...started)
    return started
  }

  test('[C97] a stream of 8 MB, one item of it of 3 MB, is loaded once and comes back as it was', async () => {
    const sizes = [1, 3 * MB, 0, ...Array<number>(50).fill(100_000)]
    const items = sizes.map((size) => randomBytes(size))
    let runs = 0
    const load = () => {
      runs++
      return items
    }
    const readers = (await start(3)).map((cache) => cache.memoizeIter(load, { key: 'export' }))
    const all = await Promise.all(readers.map((rows) => drained(rows())))
    const again = await Promise.all(readers.map((rows) => drained(rows())))
    for (const got of [...all, ...again]) expect(got.map(digest)).toEqual(items.map(digest))
    expect(runs).toBe(1)
  })

  test('seed: djblets cache_memoize: large values and streams, compressed, encrypted, loaded once', async () => {
    const secret = randomBytes(32)
    const cipher = aesGcmCipher({ keys: [{ id: 1, secret }], nameSecret: secret })
    const [one, two] = (await start(2, { serializer: jsonSerializer, cipher })) as [
      HerdCache,
      HerdCache,
    ]
    const text = 'large '.repeat(100_000)
    let runs = 0
    const load = async (id: number) => `${id} ${text} ${++runs}`
    const readers = [one, two].map((cache) => cache.memoize(load, { key: 'large' }))
    const values = await Promise.all(readers.map((read) => read(7)))
    expect(new Set(values)).toEqual(new Set([`7 ${text} 1`]))
    const rows = [one, two].map((cache) =>
      cache.memoizeIter(() => Array(20).fill(`${text}${++runs}`), { key: 'rows' }),
    )
    const streams = await Promise.all(rows.map((read) => drained(read())))
    expect(new Set(streams.flat())).toEqual(new Set([`${text}2`]))
    expect(streams.map(({ length }) => length)).toEqual([20, 20])
  })

  test('a stream that was deleted is loaded anew, by one', async () => {
    const [one, two] = (await start(2)) as [HerdCache, HerdCache]
    let runs = 0
    const load = () => [Buffer.from(`${++runs}`)]
    const rows = one.memoizeIter(load, { key: () => 'rows' })
    const others = two.memoizeIter(load, { key: () => 'rows' })
    await drained(rows())
    expect(await two.delete('rows')).toBe(true)
    const [here, there] = await Promise.all([rows(), others()].map(drained))
    expect(here).toEqual(there)
    expect(String(here?.[0])).toBe('2')
  })
})

test('a stream of 100 MB is loaded and read in memory for a few chunks', async () => {
  const items = 1000
  const program = spawnProgram(new URL('../programs/long-stream.ts', import.meta.url), [
    backends.redis.url,
    String(items),
    '100000',
  ])
  for (let reads = 0; reads < 2; reads++) {
    const report = JSON.parse(await program.nextLine())
    expect(report).toMatchObject({ count: items, runs: 1 })
    expect(report.length).toBeGreaterThan(99 * 1e6)
    expect(report.peakBytes).toBeLessThan(16 * MB)
  }
  await program.exit
})
