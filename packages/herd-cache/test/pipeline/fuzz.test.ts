import { crc32 } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import { seededRandom } from '@locks/core/testing'
import { aesGcmCipher, type PipelineOptions, zlibCompressor } from '../../src/index.ts'
import { createPipeline } from '../../src/pipeline/create-pipeline.ts'

const secret = Buffer.alloc(32, 7)
const cipher = aesGcmCipher({ keys: [{ id: 3, secret }], nameSecret: secret })
const ROUNDS = 1500

/** Bytes as a hostile or broken program might write them, with a head that passes for ours. */
function forged(random: ReturnType<typeof dice>, genuine: readonly Uint8Array[]): Buffer {
  const roll = random(4)
  if (roll === 0) return Buffer.from(Array.from({ length: random(200) }, () => random(256)))
  const bytes = Buffer.from(genuine[random(genuine.length)] ?? [])
  const changes = 1 + random(roll === 1 ? 3 : 12)
  // The head first: the payload behind it is mostly compressed.
  for (let change = 0; change < changes; change++)
    bytes[2 + random(roll === 3 ? bytes.length - 2 : 40)] = random(256)
  if (random(8) > 0) bytes.writeUInt8(1, 2)
  if (random(2) > 0) bytes.writeUInt8(random(2), 3)
  if (random(2) > 0) bytes.writeUInt8(random(6), 21)
  bytes.writeUInt32BE(crc32(bytes.subarray(28), crc32(bytes.subarray(0, 24))), 24)
  return bytes
}

function dice(seed: number) {
  const { fraction } = seededRandom(seed)
  return (below: number) => Math.floor(fraction() * below)
}

async function genuineData(): Promise<Uint8Array[]> {
  const value = Array.from({ length: 200 }, (_, index) => ({ index, text: 'fuzz'.repeat(9) }))
  const written: PipelineOptions[] = [
    {},
    { compressor: false },
    { compressor: zlibCompressor('gzip') },
    { compressor: zlibCompressor('brotli') },
    { cipher },
  ]
  return Promise.all(
    written.map(async (options) => {
      const pipeline = createPipeline(options)
      const packed = await pipeline.pack('k', pipeline.serialize(value))
      return pipeline.stamp(packed, { softExpiresAtMs: 1, loadStartedAtMs: 1, loadMs: 1 })
    }),
  )
}

describe.each([
  ['plain', createPipeline({})],
  ['with a cipher', createPipeline({ cipher })],
])('%s: forged data', (_, pipeline) => {
  test('is a value or a miss, never an exception, and takes no more than it may', async () => {
    const genuine = await genuineData()
    const random = dice(4711)
    const outcomes = new Map<string, number>()
    let allocatedMax = 0
    for (let round = 0; round < ROUNDS; round++) {
      const data = forged(random, genuine)
      const beforeBytes = process.memoryUsage().arrayBuffers
      const opened = await pipeline.open('k', data)
      allocatedMax = Math.max(allocatedMax, process.memoryUsage().arrayBuffers - beforeBytes)
      const outcome = 'unreadableBy' in opened ? opened.unreadableBy : 'value'
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
    }
    // Each stage has been reached; nothing near the gigabytes that forged lengths promise.
    expect([...outcomes.keys()]).toEqual(expect.arrayContaining(['envelope', 'cipher', 'value']))
    expect(allocatedMax).toBeLessThan(64 * 2 ** 20)
  })
})
