import { describe, expect, test } from '@jest/globals'
import {
  type Compressor,
  HerdCache,
  type HerdCacheOptions,
  jsonSerializer,
  type PipelineOptions,
  type ZlibFormat,
  zlibCompressor,
} from '../../src/index.ts'
import { heldCompressor, runLength } from '../helpers/stages.ts'
import { failureOf, stored, World } from '../helpers/world.ts'

const INVALID = { code: 'INVALID_ARGUMENT' }
const FORMATS: readonly ZlibFormat[] = ['deflate', 'gzip', 'brotli', 'zstd']
/** zstd came with Node 22.15. */
const HERE = FORMATS.filter((format) => {
  try {
    return zlibCompressor(format)
  } catch {
    return false
  }
})

/** What is stored for a value that is set with these options. */
async function dataOf(value: unknown, options: PipelineOptions = {}): Promise<Uint8Array> {
  const world = new World()
  await world.start(options).cache.set('k', value)
  const [entry] = await world.store.connect().read([stored('k')])
  if (!entry) throw new Error('nothing was stored')
  return entry.data
}

/** Of an entry without compression: the envelope's own, and the version of its namespace. */
const HEAD_BYTES = 28 + 3 + (1 + 1) + (1 + 'everything-1'.length)

describe('compressors', () => {
  const text = 'the quick brown fox '.repeat(100)
  const big = Array.from({ length: 3000 }, (_, index) => ({ index, name: `item ${index % 9}` }))

  test.each(HERE)('[C100] %s brings small and large values back, smaller', async (format) => {
    const compressor = zlibCompressor(format)
    for (const value of [text, big]) {
      const data = await dataOf(value, { compressor })
      expect(data.length).toBeLessThan(JSON.stringify(value).length / 2)
      const world = new World()
      world.store.plant(stored('k'), data)
      // Whatever a cache writes, it reads what others have compressed.
      for (const options of [{ compressor }, {}, { compressor: false } as const]) {
        expect(await world.start(options).cache.get('k')).toEqual(value)
      }
    }
  })

  test('a format that this Node lacks is a typed error', () => {
    for (const format of FORMATS.filter((each) => !HERE.includes(each)))
      expect(() => zlibCompressor(format)).toThrow(expect.objectContaining({ code: 'UNSUPPORTED' }))
    expect(HERE).toEqual(expect.arrayContaining(['deflate', 'gzip', 'brotli']))
  })

  test('a format that is none is refused', () => {
    for (const format of ['lzma', 'toString', '', undefined])
      expect(() => zlibCompressor(format as 'gzip')).toThrow(expect.objectContaining(INVALID))
  })

  test('have nothing to do with fewer bytes than 1024, unless told', async () => {
    const payloadOf = (length: number) => 'a'.repeat(length - 2)
    expect((await dataOf(payloadOf(1023))).length).toBe(HEAD_BYTES + 1023)
    expect((await dataOf(payloadOf(1024))).length).toBeLessThan(100)
    expect((await dataOf(payloadOf(99), { compressFromBytes: 100 })).length).toBe(HEAD_BYTES + 99)
    expect((await dataOf(payloadOf(100), { compressFromBytes: 100 })).length).toBeLessThan(100)
    expect((await dataOf('', { compressFromBytes: 0 })).length).toBe(HEAD_BYTES + 2)
    expect((await dataOf(payloadOf(2000), { compressor: false })).length).toBe(HEAD_BYTES + 2000)
  })

  test('are not used where they save less than a tenth', async () => {
    const saving = (bytes: number): Compressor => ({
      id: 100,
      compress: (data) => data.subarray(bytes),
      decompress: (data) => data,
    })
    const value = 'a'.repeat(1998)
    expect((await dataOf(value, { compressor: saving(199) })).length).toBe(HEAD_BYTES + 2000)
    expect((await dataOf(value, { compressor: saving(200) })).length).toBe(HEAD_BYTES + 7 + 1800)
  })

  test('[C100] of one’s own are used by their id; without them the value is a miss', async () => {
    const world = new World()
    const options = { serializer: false, compressor: runLength } as const
    const { cache } = world.start(options)
    const value = Buffer.alloc(50_000, 7)
    await cache.set('k', value)
    expect(await cache.get('k')).toEqual(value)
    const other = world.start({ serializer: false })
    expect(await other.cache.get('k')).toBeUndefined()
    expect(other.events).toEqual([{ type: 'corrupt', key: stored('k'), by: 'compressor' }])
  })

  test('one that fails: set refuses, a loaded value reaches its callers', async () => {
    const compressor = {
      ...runLength,
      compress: async () => {
        throw new Error('out of order')
      },
    }
    const { cache, told } = new World().start({ compressor, compressFromBytes: 0 })
    expect(await failureOf(cache.set('k', 'v'))).toMatchObject(INVALID)
    expect(await cache.getOrSet('k', () => 'v')).toBe('v')
    expect(told()).toEqual(['miss', 'unserializable', 'loaded'])
  })

  test('that take long: the lease is kept meanwhile, and the ttl begins afterwards', async () => {
    const world = new World()
    const { compressor, end } = heldCompressor()
    const stages = { serializer: false, compressor, compressFromBytes: 0 } as const
    const options = { ...stages, lease: 300, ttl: 1000, grace: 0 }
    const [one, two] = [world.start(options), world.start(options)]
    const value = Buffer.alloc(100, 7)
    let loads = 0
    const load = () => {
      loads++
      return value
    }
    const first = one.cache.getOrSet('k', load)
    await world.clock.advance(5000)
    const second = two.cache.getOrSet('k', load)
    await world.clock.advance(5000)
    end()
    expect(await first).toEqual(value)
    await world.clock.advance(999)
    expect(await second).toEqual(value)
    expect(loads).toBe(1)
    expect(await two.cache.get('k')).toEqual(value)
    await world.clock.advance(1)
    expect(await two.cache.get('k')).toBeUndefined()
  })

  test('that take long: a delete meanwhile is not undone', async () => {
    const world = new World()
    const { compressor, end } = heldCompressor()
    const { cache, told } = world.start({ serializer: false, compressor, compressFromBytes: 0 })
    const value = cache.getOrSet('k', () => Buffer.alloc(100, 7))
    await world.clock.settle()
    await cache.delete('k')
    end()
    expect((await value).length).toBe(100)
    expect(told()).toContain('fenced')
    expect(await cache.get('k')).toBeUndefined()
  })
})

describe('a cache is not made with', () => {
  test.each<[string, Partial<Record<keyof HerdCacheOptions, unknown>>]>([
    ['an identity without its method', { identity: {} }],
    ['an identity of null', { identity: null }],
    ['a serializer of null', { serializer: null }],
    ['a serializer that cannot deserialize', { serializer: { id: 40, serialize: () => {} } }],
    ['a serializer without an id', { serializer: { ...jsonSerializer, id: undefined } }],
    ['a serializer with an id beyond a byte', { serializer: { ...jsonSerializer, id: 256 } }],
    ['a compressor that is true', { compressor: true }],
    ['a compressor with the id of none', { compressor: { ...runLength, id: 0 } }],
    ['a compressor with a fraction for an id', { compressor: { ...runLength, id: 1.5 } }],
    ['a negative compressFromBytes', { compressFromBytes: -1 }],
    ['a compressFromBytes of NaN', { compressFromBytes: Number.NaN }],
    ['a cipher that cannot decrypt', { cipher: { encrypt: () => {} } }],
    ['a cipher of null', { cipher: null }],
  ])('%s', (_, options) => {
    const store = new World().store.connect()
    const make = () => new HerdCache({ store, namespace: 'n', ...options } as HerdCacheOptions)
    expect(make).toThrow(expect.objectContaining(INVALID))
  })
})
