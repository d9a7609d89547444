import { crc32, deflateSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { aesGcmCipher } from '../../src/pipeline/aes-gcm-cipher.ts'
import { createPipeline } from '../../src/pipeline/create-pipeline.ts'
import { decodeEnvelope, encodeEnvelope } from '../../src/pipeline/envelope.ts'
import type { PipelineOptions } from '../../src/pipeline/pipeline-options.ts'
import { v8Serializer } from '../../src/pipeline/v8-serializer.ts'
import { zlibCompressor } from '../../src/pipeline/zlib-compressor.ts'

/** The same runs each time; a failure names the seed and the smallest case. */
const RUNS = { seed: 20_261_121, numRuns: 400 }
const FRESHNESS = { softExpiresAtMs: 3, loadStartedAtMs: 1, loadMs: 2 }
const CRC_AT = 24
const HEAD_BYTES = 28

const secret = Buffer.alloc(32, 7)
const cipher = aesGcmCipher({ keys: [{ id: 3, secret }], nameSecret: secret })
const COMPRESSORS = [
  false,
  zlibCompressor('deflate'),
  zlibCompressor('gzip'),
  zlibCompressor('brotli'),
] as const

/** Every combination of stages; values are compressed however small they are. */
const combinations: PipelineOptions[] = COMPRESSORS.flatMap((compressor) =>
  [{}, { cipher }, { serializer: v8Serializer }, { serializer: v8Serializer, cipher }].map(
    (more): PipelineOptions => ({ compressor, compressFromBytes: 0, ...more }),
  ),
)
const stages = fc.constantFrom(...combinations)
const version = fc.record({
  tag: fc.stringMatching(/^[\w.%:=#*-]{1,60}$/),
  version: fc.stringMatching(/^[\w.%:=#*-]{1,60}$/),
})
const freshness = fc.record({
  softExpiresAtMs: fc.nat(2 ** 48 - 1),
  loadStartedAtMs: fc.nat(2 ** 48 - 1),
  loadMs: fc.nat(2 ** 32 - 1),
  versions: fc.array(version, { minLength: 1, maxLength: 5 }),
})
const value = fc.oneof(
  fc.jsonValue(),
  fc.string({ maxLength: 300 }).map((text) => text.repeat(40)),
)

async function stamped(options: PipelineOptions, of: unknown, times = FRESHNESS) {
  const pipeline = createPipeline(options)
  return Buffer.from(pipeline.stamp(await pipeline.pack('k', pipeline.serialize(of)), times))
}

test('whatever was stored comes back, by every combination of stages', async () => {
  await fc.assert(
    fc.asyncProperty(stages, value, freshness, async (options, of, times) => {
      const data = await stamped(options, of, times)
      const opened = await createPipeline(options).open('k', data)
      // JSON has one zero.
      const plain = options.serializer ? of : JSON.parse(JSON.stringify(of))
      expect(opened).toEqual({ ...times, value: plain })
    }),
    RUNS,
  )
})

describe('what is forged is a value or a miss, never an exception:', () => {
  const pipelines = combinations.map((options) => createPipeline(options))
  const pipeline = fc.constantFrom(...pipelines)

  test('any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(pipeline, fc.uint8Array({ maxLength: 200 }), async (reader, data) => {
        expect(await reader.open('k', data)).toEqual({ unreadableBy: 'envelope' })
      }),
      RUNS,
    )
  })

  test('genuine data with one bit that has flipped, or cut off, is a miss', async () => {
    const change = fc.tuple(fc.boolean(), fc.nat())
    await fc.assert(
      fc.asyncProperty(stages, value, change, async (options, of, [flip, at]) => {
        const data = await stamped(options, of)
        const bit = at % (data.length * 8)
        if (flip) data[bit >> 3] = (data[bit >> 3] ?? 0) ^ (1 << (bit & 7))
        const damaged = flip ? data : data.subarray(0, at % data.length)
        expect(await createPipeline(options).open('k', damaged)).toEqual({
          unreadableBy: 'envelope',
        })
      }),
      RUNS,
    )
  })

  test('genuine data that was changed by somebody who knows the checksum', async () => {
    const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 12 })
    const outcomes = new Set<string>()
    let allocatedMax = 0
    await fc.assert(
      fc.asyncProperty(stages, value, changes, async (options, of, bytes) => {
        const data = await stamped(options, of)
        // The head first: the payload behind it is mostly compressed.
        for (const [at, byte] of bytes) data[3 + (at % Math.min(data.length - 3, 60))] = byte
        data.writeUInt8(data.readUInt8(3) & 1, 3)
        seal(data)
        const before = process.memoryUsage().arrayBuffers
        const opened = await createPipeline(options).open('k', data)
        allocatedMax = Math.max(allocatedMax, process.memoryUsage().arrayBuffers - before)
        outcomes.add('unreadableBy' in opened ? opened.unreadableBy : 'value')
      }),
      { ...RUNS, numRuns: 3000 },
    )
    // Every stage has refused something; and nothing has taken what a forged length promises.
    const every = ['cipher', 'compressor', 'envelope', 'serializer', 'value']
    expect([...outcomes].sort()).toEqual(every)
    expect(allocatedMax).toBeLessThan(80 * 2 ** 20)
  })

  test('a bomb, whatever length it promises', async () => {
    const bomb = deflateSync(Buffer.alloc(100_000_000))
    const reader = createPipeline({ serializer: false })
    await fc.assert(
      fc.asyncProperty(fc.nat(2 ** 32 - 1), async (rawBytes) => {
        const compressed = { compressorId: 1, rawBytes }
        const form = { ...FRESHNESS, serializerId: 0, encrypted: false, compressed }
        const data = encodeEnvelope(form, bomb)
        expect(await reader.open('k', data)).toEqual({ unreadableBy: 'compressor' })
      }),
      { ...RUNS, numRuns: 20 },
    )
  })

  test('extensions of any bytes', () => {
    const genuine = encodeEnvelope({ ...FRESHNESS, serializerId: 1, encrypted: false }, Buffer.of())
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(4), (extensions, compressorId) => {
        const data = Buffer.concat([genuine, extensions])
        data.writeUInt8(compressorId, 21)
        data.writeUInt16BE(extensions.length, 22)
        seal(data)
        const envelope = decodeEnvelope(data)
        if (envelope) expect(encodeEnvelope(envelope, envelope.payload)).toEqual(data)
      }),
      { ...RUNS, numRuns: 5000 },
    )
  })
})

function seal(data: Buffer): void {
  data.writeUInt32BE(crc32(data.subarray(HEAD_BYTES), crc32(data.subarray(0, CRC_AT))), CRC_AT)
}
