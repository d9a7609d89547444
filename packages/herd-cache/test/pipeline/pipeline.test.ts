import { describe, expect, test } from '@jest/globals'
import { aesGcmCipher } from '../../src/pipeline/aes-gcm-cipher.ts'
import type { Compressor } from '../../src/pipeline/compressor.ts'
import { createPipeline } from '../../src/pipeline/create-pipeline.ts'
import { decodeEnvelope } from '../../src/pipeline/envelope.ts'
import { jsonSerializer } from '../../src/pipeline/json-serializer.ts'
import type { PipelineOptions } from '../../src/pipeline/pipeline-options.ts'
import { v8Serializer } from '../../src/pipeline/v8-serializer.ts'
import { zlibCompressor } from '../../src/pipeline/zlib-compressor.ts'

const FRESHNESS = { softExpiresAtMs: 3, loadStartedAtMs: 1, loadMs: 2 }
const MIB = 2 ** 20
const secret = Buffer.alloc(32, 7)
const cipher = aesGcmCipher({ keys: [{ id: 3, secret }], nameSecret: secret })

/** Takes bytes as they are, and says how it was asked. */
function openCompressor(packed: (data: Uint8Array) => unknown = (data) => data) {
  const asked: number[] = []
  const compressor: Compressor = {
    id: 77,
    compress: (data) => packed(data) as Uint8Array,
    decompress(data, maxBytes) {
      asked.push(maxBytes)
      return packed(data) as Uint8Array
    },
  }
  return { compressor, asked }
}

async function stampedBy(options: PipelineOptions, value: unknown): Promise<Uint8Array> {
  const pipeline = createPipeline(options)
  return pipeline.stamp(await pipeline.pack('k', pipeline.serialize(value)), FRESHNESS)
}

/** Big enough to be compressed, and not worth it. */
const noise = (length: number) =>
  Buffer.from(Array.from({ length }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 13))

describe('a value is packed', () => {
  test('compressed from 1024 bytes on, with its length', async () => {
    const pipeline = createPipeline({ serializer: false })
    expect(await pipeline.pack('k', Buffer.alloc(1023))).toEqual({
      serializerId: 0,
      encrypted: false,
      payload: Buffer.alloc(1023),
    })
    const packed = await pipeline.pack('k', Buffer.alloc(1024))
    expect(packed.compressed).toEqual({ compressorId: 1, rawBytes: 1024 })
    expect(packed.payload.length).toBeLessThan(100)
  })

  test('as it is if compression does not save a tenth, or is switched off', async () => {
    const shortened = (by: number) => openCompressor((data) => data.subarray(by)).compressor
    const pack = (options: PipelineOptions) =>
      createPipeline({ serializer: false, ...options }).pack('k', Buffer.alloc(2000))
    expect((await pack({ compressor: shortened(200) })).payload.length).toBe(1800)
    expect((await pack({ compressor: shortened(199) })).payload.length).toBe(2000)
    expect(await pack({ compressor: shortened(199) })).not.toHaveProperty('compressed')
    expect((await pack({ compressor: false })).payload.length).toBe(2000)
  })

  test('as it is beyond 64 MiB, compressed up to there', async () => {
    const { compressor } = openCompressor(() => Buffer.of(1))
    const pipeline = createPipeline({ serializer: false, compressor })
    expect((await pipeline.pack('k', Buffer.alloc(64 * MIB))).payload.length).toBe(1)
    expect((await pipeline.pack('k', Buffer.alloc(64 * MIB + 1))).payload.length).toBe(64 * MIB + 1)
  })

  test('encrypted, with its key and form vouched for', async () => {
    const secretive = createPipeline({ cipher })
    expect([secretive.isSecret, createPipeline({}).isSecret]).toEqual([true, false])
    const data = Buffer.from(await stampedBy({ cipher }, 'TOPSECRET'.repeat(200)))
    expect(decodeEnvelope(data)).toMatchObject({ encrypted: true, serializerId: 1 })
    expect(data.toString('latin1')).not.toContain('TOPSECRET')
    expect(await secretive.open('k', data)).toEqual({
      value: 'TOPSECRET'.repeat(200),
      ...FRESHNESS,
    })
    expect(await secretive.open('other', data)).toEqual({ unreadableBy: 'cipher' })
    // The same payload under another form: what is vouched for differs.
    const envelope = decodeEnvelope(data)
    if (!envelope?.compressed) throw new Error('it was not compressed')
    for (const form of [
      { ...envelope, serializerId: 2 },
      { ...envelope, compressed: { ...envelope.compressed, compressorId: 2 } },
      { ...envelope, compressed: { ...envelope.compressed, rawBytes: 1803 } },
      { ...envelope, compressed: undefined },
    ]) {
      const forged = secretive.stamp(form, FRESHNESS)
      expect(await secretive.open('k', forged)).toEqual({ unreadableBy: 'cipher' })
    }
    const later = secretive.stamp(envelope, { ...FRESHNESS, softExpiresAtMs: 9 })
    expect(await secretive.open('k', later)).toMatchObject({ softExpiresAtMs: 9 })
  })

  test.each([
    ['a cipher', { cipher: { ...cipher, encrypt: () => 'text' } }],
    ['a serializer', { serializer: { ...jsonSerializer, serialize: () => 'text' } }],
    ['a compressor', { compressor: openCompressor(() => 'text').compressor }],
  ])('by %s that hands on bytes, or not at all', async (_, options) => {
    await expect(stampedBy(options as never, 'x'.repeat(2000))).rejects.toThrow(
      'the stages of a pipeline hand on bytes',
    )
  })

  test('unless it is undefined', () => {
    const pipeline = createPipeline({ serializer: v8Serializer })
    expect(() => pipeline.serialize(undefined)).toThrow('undefined is no value')
    const nothing = v8Serializer.serialize(undefined)
    expect(() => pipeline.deserialize(nothing)).toThrow('undefined is no value')
  })
})

describe('a stored value', () => {
  test('is stamped anew without being unpacked', async () => {
    const pipeline = createPipeline({ cipher })
    const versions = [{ tag: 't', version: 'v' }]
    const packed = await pipeline.pack('k', pipeline.serialize('value'))
    const data = pipeline.stamp(packed, { ...FRESHNESS, versions })
    const again = pipeline.restamp(data, 99)
    expect(await pipeline.open('k', again as Uint8Array)).toEqual({
      value: 'value',
      ...FRESHNESS,
      softExpiresAtMs: 99,
      versions,
    })
    expect(pipeline.freshnessOf(data)).toMatchObject({ ...FRESHNESS, versions })
    expect(pipeline.restamp(Buffer.of(1), 99)).toBeUndefined()
    expect(pipeline.freshnessOf(Buffer.of(1))).toBeUndefined()
  })

  test('of a cache with a cipher is nothing to one without, and the other way round', async () => {
    const [plain, secretive] = [await stampedBy({}, 'v'), await stampedBy({ cipher }, 'v')]
    expect(await createPipeline({}).open('k', secretive)).toEqual({ unreadableBy: 'cipher' })
    expect(await createPipeline({ cipher }).open('k', plain)).toEqual({ unreadableBy: 'cipher' })
  })

  test.each(['deflate', 'gzip', 'brotli'] as const)(
    '%s is read whatever is written',
    async (format) => {
      for (const length of [2_000, 200_000]) {
        const data = await stampedBy({ compressor: zlibCompressor(format) }, 'v'.repeat(length))
        expect(data.length).toBeLessThan(1_000)
        for (const options of [{}, { compressor: false } as const])
          expect(await createPipeline(options).open('k', data)).toMatchObject({
            value: 'v'.repeat(length),
          })
      }
    },
  )

  test('is decompressed to the length noted, and to 64 MiB at most', async () => {
    const pipeline = createPipeline({ serializer: false })
    const open = async (rawBytes: number, { compressor, asked } = openCompressor()) => {
      const packed = { serializerId: 0, encrypted: false, payload: noise(2000) }
      const data = pipeline.stamp(
        { ...packed, compressed: { compressorId: 77, rawBytes } },
        FRESHNESS,
      )
      const opened = createPipeline({ serializer: false, compressor }).open('k', data)
      return { outcome: await opened, asked }
    }
    expect(await open(2000)).toMatchObject({ outcome: { value: noise(2000) }, asked: [2000] })
    expect(await open(2001)).toEqual({ outcome: { unreadableBy: 'compressor' }, asked: [2001] })
    expect((await open(64 * MIB)).asked).toEqual([64 * MIB])
    const tooMuch = { outcome: { unreadableBy: 'compressor' }, asked: [] }
    expect(await open(64 * MIB + 1)).toEqual(tooMuch)
    const text = openCompressor(() => 'text')
    expect((await open(4, text)).outcome).toEqual({ unreadableBy: 'compressor' })
  })

  test('of another serializer is nothing, though its bytes would do', async () => {
    const other = createPipeline({ serializer: { ...jsonSerializer, id: 40 } })
    expect(await other.open('k', await stampedBy({}, 'v'))).toEqual({ unreadableBy: 'serializer' })
  })
})

describe('a pipeline is not made with', () => {
  const methods = { serialize() {}, deserialize() {}, compress() {}, decompress() {} }
  test.each<[string, unknown, string]>([
    ['a size in words', { compressFromBytes: '1k' }, 'compressFromBytes must be an integer from 0'],
    ['a negative size', { compressFromBytes: -1 }, 'compressFromBytes must be an integer from 0'],
    ['no serializer', { serializer: null }, 'serializer must be an object'],
    [
      'half a serializer',
      { serializer: { id: 40, serialize() {} } },
      'serializer must have the methods serialize and deserialize',
    ],
    [
      'half a compressor',
      { compressor: { id: 40, decompress() {} } },
      'compressor must have the methods compress and decompress',
    ],
    [
      'half a cipher',
      { cipher: { encrypt() {} } },
      'cipher must have the methods encrypt and decrypt',
    ],
    [
      'the id of a serializer below 0',
      { serializer: { ...methods, id: -1 } },
      'the id of a serializer must be an integer from 0 to 255',
    ],
    [
      'the id of a serializer above 255',
      { serializer: { ...methods, id: 256 } },
      'the id of a serializer must be an integer from 0 to 255',
    ],
    [
      'the id of no compressor',
      { compressor: { ...methods, id: 0 } },
      'the id of a compressor must be an integer from 1 to 255',
    ],
    [
      'half an id',
      { compressor: { ...methods, id: 1.5 } },
      'the id of a compressor must be an integer from 1 to 255',
    ],
  ])('%s', (_, options, message) => {
    const make = () => createPipeline(options as PipelineOptions)
    expect(make).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', message }))
  })

  test('but with ids at their ends, and with a size of 0', async () => {
    const ends = { serializer: { ...jsonSerializer, id: 255 }, compressFromBytes: 0 }
    const { compressor } = openCompressor((data) => data.subarray(20))
    for (const id of [1, 255]) {
      const data = await stampedBy({ ...ends, compressor: { ...compressor, id } }, 'v'.repeat(50))
      expect(decodeEnvelope(data)).toMatchObject({
        serializerId: 255,
        compressed: { compressorId: id, rawBytes: 52 },
      })
    }
    const zero = { serializer: { ...jsonSerializer, id: 0 } }
    expect(decodeEnvelope(await stampedBy(zero, 'v'))?.serializerId).toBe(0)
  })
})
