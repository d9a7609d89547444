import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals'
import { memoryStore } from '@locks/memory'
import { redisStore } from '@locks/redis'
import { type RedisServer, startRedis } from '@locks/test-servers'
import { createClient } from 'redis'
import {
  aesGcmCipher,
  type CacheStore,
  HerdCache,
  type PipelineOptions,
  v8Serializer,
  zlibCompressor,
} from '../../src/index.ts'
import { heldLoader } from '../helpers/world.ts'

let redis: RedisServer
let closers: (() => unknown)[] = []

beforeAll(async () => {
  redis = await startRedis()
})

afterEach(async () => {
  for (const close of closers.toReversed()) await close()
  closers = []
})

afterAll(async () => {
  await redis?.stop()
})

async function connect() {
  const client = createClient({ url: redis.url })
  client.on('error', () => {})
  await client.connect()
  closers.push(() => client.destroy())
  return client
}

/** Two stores as two processes have them. */
const stores: readonly [string, () => Promise<[CacheStore, CacheStore]>][] = [
  [
    'memory',
    async () => {
      const store = memoryStore()
      return [store, store]
    },
  ],
  ['Redis', async () => [redisStore(await connect()), redisStore(await connect())]],
]

const secret = Buffer.alloc(32, 7)
const cipher = aesGcmCipher({ keys: [{ id: 1, secret }], nameSecret: secret })
const pipelines: readonly [string, PipelineOptions][] = [
  ['the defaults', {}],
  ['nothing compressed', { compressor: false }],
  ['gzip, whatever it saves', { compressor: zlibCompressor('gzip'), compressFromBytes: 0 }],
  ['brotli and v8', { compressor: zlibCompressor('brotli'), serializer: v8Serializer }],
  ['plain keys', { identity: false }],
  ['a cipher', { cipher }],
  ['a cipher, v8, nothing compressed', { cipher, serializer: v8Serializer, compressor: false }],
]

const values: readonly unknown[] = [
  null,
  false,
  0,
  '',
  { deep: [{ text: 'grüße 😀\u0000' }] },
  'a'.repeat(1023),
  { text: 'compressible '.repeat(500) },
  // Beyond what is compressed on the event loop.
  Array.from({ length: 3000 }, (_, index) => ({ index, text: `${index * 7919}` })),
]

let namespaces = 0
/** No deadline that a busy machine could miss. */
const storeTimeout = '30s'

describe.each(stores)('on %s', (_, connectBoth) => {
  const start = async (options: PipelineOptions) => {
    const namespace = `pipeline-${++namespaces}`
    const both = await connectBoth()
    return both.map((store) => {
      const cache = new HerdCache({ store, namespace, storeTimeout, ...options })
      closers.push(() => cache.close())
      return cache
    }) as [HerdCache, HerdCache]
  }

  test.each(pipelines)('[C100] values come back in another process: %s', async (_, options) => {
    const [one, two] = await start(options)
    for (const [index, value] of values.entries()) {
      await one.set(`set-${namespaces}-${index}`, value)
      expect(await two.get(`set-${namespaces}-${index}`)).toEqual(value)
      await one.getOrSet(`loaded-${namespaces}-${index}`, () => value)
      expect(await two.get(`loaded-${namespaces}-${index}`)).toEqual(value)
    }
  })

  test('[C100] bytes come back without a serializer', async () => {
    const [one, two] = await start({ serializer: false })
    for (const value of [Buffer.of(), Buffer.from([0, 255, 10, 13]), Buffer.alloc(200_000, 7)]) {
      await one.set('k', value)
      const found = await two.get<Uint8Array>('k')
      expect(value.equals(found ?? Buffer.of(1))).toBe(true)
    }
  })

  test('[C99] another key is a miss, and the next load replaces the value', async () => {
    const [mine, theirs] = await connectBoth()
    const namespace = `pipeline-${++namespaces}`
    const other = aesGcmCipher({
      keys: [{ id: 1, secret: Buffer.alloc(32, 8) }],
      nameSecret: secret,
    })
    const one = new HerdCache({ store: mine, namespace, cipher, storeTimeout })
    const two = new HerdCache({ store: theirs, namespace, cipher: other, storeTimeout })
    closers.push(() => Promise.all([one.close(), two.close()]))
    await one.set('k', 'v')
    expect(await two.get('k')).toBeUndefined()
    expect(await two.getOrSet('k', () => 'new')).toBe('new')
    expect(await two.get('k')).toBe('new')
    expect(await one.get('k')).toBeUndefined()
  })

  test.each(pipelines)('one load for two processes: %s', async (_, options) => {
    const [one, two] = await start(options)
    const loader = heldLoader<object>()
    const value = { text: 'compressible '.repeat(500) }
    const key = `herd-${namespaces}`
    const calls = [one, two].flatMap((cache) =>
      Array.from({ length: 5 }, () => cache.getOrSet(key, loader.load)),
    )
    while (loader.calls === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    loader.resolve(value)
    expect(await Promise.all(calls)).toEqual(Array(10).fill(value))
    expect(loader.calls).toBe(1)
  })
})

describe('on Redis', () => {
  const cacheOn = (client: Awaited<ReturnType<typeof connect>>, options: PipelineOptions) => {
    const store = redisStore(client)
    const cache = new HerdCache({ store, namespace: 'direct', storeTimeout, ...options })
    closers.push(() => cache.close())
    return cache
  }

  test('[C102] other programs find plain keys by their names, and may delete them', async () => {
    const client = await connect()
    const cache = cacheOn(client, { identity: false })
    await cache.set('user:7', 'v')
    expect(await client.exists('user:7')).toBe(1)
    await client.del('user:7')
    expect(await cache.get('user:7')).toBeUndefined()
  })

  test('[C110] default keys are ASCII without spaces, however the parts are written', async () => {
    const client = await connect()
    const cache = cacheOn(client, {})
    await cache.set(['a:b', 'c%', 'ä b', '{x}'], 'v')
    expect(await client.keys('direct:c*')).toEqual(['direct:c1:{:a%3Ab:c%25:%C3%A4%20b:%7Bx%7D}'])
  })

  test('nothing of a secret value or its name is on the server', async () => {
    const client = await connect()
    const cache = cacheOn(client, { cipher })
    await cache.getOrSet(['patient', 'Ada'], () => ({ diagnosis: 'measles' }))
    const keys = await client.keys('direct:c1:{#*')
    expect(keys).toHaveLength(1)
    const kept = await client.get(keys[0] as string)
    expect(`${keys} ${kept}`).not.toMatch(/patient|Ada|diagnosis|measles/)
  })
})
