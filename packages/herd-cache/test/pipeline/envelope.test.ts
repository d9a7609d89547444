import { crc32, deflateSync } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import { aesGcmCipher, type UnreadableBy } from '../../src/index.ts'
import { createPipeline } from '../../src/pipeline/create-pipeline.ts'
import { decodeEnvelope, type EnvelopeHead, encodeEnvelope } from '../../src/pipeline/envelope.ts'
import { stored, World } from '../helpers/world.ts'

const HEAD: EnvelopeHead = {
  softExpiresAtMs: 1_800_000_060_000,
  loadStartedAtMs: 1_799_999_999_800,
  loadMs: 200,
  serializerId: 1,
  compressed: undefined,
  encrypted: false,
}

/**
 * What release 1 wrote for { id: 7, name: 'ä' } with HEAD. Never change these bytes: processes of
 * two releases share a store.
 */
const V1 = [
  ...['4cc1', '01', '00', '01a3185d3a60', '01a3185c4f38', '000000c8', '01', '00', '0000'],
  ...['0e50937d', '7b226964223a372c226e616d65223a22c3a4227d'],
].join('')
const V1_VALUE = { id: 7, name: 'ä' }

/** What release 1 wrote for 1,100 letters a. */
const V1_COMPRESSED = {
  deflate:
    '4cc1010001a3185d3a6001a3185c4f38000000c801010007f76d4d6c0100040000044e7801534a1c05a321301a02a321408510500200b2e4a120',
  gzip: '4cc1010001a3185d3a6001a3185c4f38000000c801020007a7f398f30100040000044e1f8b0800000000000403534a1c05a321301a02a3214085105002004306d4f24e040000',
  brotli:
    '4cc1010001a3185d3a6001a3185c4f38000000c801030007fa4eb2480100040000044e1b4d0400a444c24a11cb02598000',
}

/** What release 1 wrote for V1_VALUE under the key `k`, with key 3 of 32 sevens. */
const V1_ENCRYPTED =
  '4cc1010101a3185d3a6001a3185c4f38000000c80100000045fc8f4f033473d46745408618218c36e5c1e642a266a2c9e141080b7381dcb61a7c87a8b3f5e1f3602f3766da5b300dbe0e090070'

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))
const pipeline = createPipeline({})

async function decoded(data: Uint8Array) {
  const opened = await pipeline.open('k', data)
  return 'value' in opened ? opened : undefined
}

describe('envelope v1', () => {
  test('is written byte for byte as it always was', async () => {
    const data = pipeline.stamp(await pipeline.pack('k', pipeline.serialize(V1_VALUE)), HEAD)
    expect(Buffer.from(data).toString('hex')).toBe(V1)
  })

  test('is read as it always was', async () => {
    expect(decodeEnvelope(bytesOf(V1))).toMatchObject(HEAD)
    const { softExpiresAtMs, loadStartedAtMs, loadMs } = HEAD
    const read = await decoded(bytesOf(V1))
    expect(read).toEqual({ value: V1_VALUE, softExpiresAtMs, loadStartedAtMs, loadMs })
  })

  test.each(Object.entries(V1_COMPRESSED))('compressed with %s is read as ever', async (_, hex) => {
    expect((await decoded(bytesOf(hex)))?.value).toBe('a'.repeat(1100))
  })

  test('encrypted is read as ever', async () => {
    const secret = Buffer.alloc(32, 7)
    const cipher = aesGcmCipher({ keys: [{ id: 3, secret }], nameSecret: secret })
    const opened = await createPipeline({ cipher }).open('k', bytesOf(V1_ENCRYPTED))
    expect(opened).toMatchObject({ value: V1_VALUE })
  })

  test.each([0, 1, 255, 65_536])('%d bytes of payload come back', (length) => {
    const payload = Uint8Array.from({ length }, (_, index) => index % 251)
    const envelope = decodeEnvelope(encodeEnvelope(HEAD, payload))
    expect(envelope).toMatchObject(HEAD)
    expect(Buffer.from(envelope?.payload ?? [1]).equals(payload)).toBe(true)
  })

  test('is read from the middle of a larger buffer, as clients hand replies out', async () => {
    const around = Buffer.concat([Buffer.alloc(13, 0xff), bytesOf(V1), Buffer.alloc(9, 0xff)])
    expect((await decoded(around.subarray(13, 13 + V1.length / 2)))?.value).toEqual(V1_VALUE)
  })

  test('takes fractions of a millisecond, and load times beyond its field', () => {
    const head = { ...HEAD, softExpiresAtMs: 1000.6, loadStartedAtMs: 0.4, loadMs: 2 ** 40 + 0.5 }
    expect(decodeEnvelope(encodeEnvelope(head, Buffer.of()))).toMatchObject({
      softExpiresAtMs: 1001,
      loadStartedAtMs: 0,
      loadMs: 2 ** 32 - 1,
    })
  })

  test('cut off anywhere is nothing', async () => {
    const whole = bytesOf(V1)
    for (let length = 0; length < whole.length; length++) {
      expect(await decoded(whole.subarray(0, length))).toBeUndefined()
    }
  })

  test('with bytes behind it is nothing', async () => {
    expect(await decoded(bytesOf(`${V1}00`))).toBeUndefined()
  })

  test('with any single bit flipped is nothing', async () => {
    const whole = bytesOf(V1)
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const flipped = Uint8Array.from(whole)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(await decoded(flipped)).toBeUndefined()
    }
  })
})

/** Bytes of V1 with some of them replaced, and the checksum of that. */
const patched = (offset: number, hex: string): Uint8Array => {
  const bytes = Buffer.from(bytesOf(V1))
  bytes.set(bytesOf(hex), offset)
  if (offset < 24) {
    bytes.writeUInt32BE(crc32(bytes.subarray(28), crc32(bytes.subarray(0, 24))), 24)
  }
  return bytes
}

/** One whose head says that its payload was compressed from so many bytes. */
const compressed = (compressorId: number, rawBytes: number, payload: Uint8Array) =>
  encodeEnvelope({ ...HEAD, compressed: { compressorId, rawBytes } }, payload)

/** An envelope with these extensions, and the compressor that they may be about. */
function extended(compressorId: number, extensions: string, extraBytes = 0): Uint8Array {
  const [head, tail] = [bytesOf(V1.slice(0, 56)), bytesOf(extensions)]
  const payload = extraBytes === 0 ? deflateSync('"v"') : Buffer.of()
  const bytes = Buffer.concat([head, tail, payload])
  bytes.writeUInt8(compressorId, 21)
  bytes.writeUInt16BE(tail.length + extraBytes, 22)
  bytes.writeUInt32BE(crc32(bytes.subarray(28), crc32(bytes.subarray(0, 24))), 24)
  return bytes
}

const BOMB = deflateSync(Buffer.alloc(100_000_000))

const foreign: readonly [string, Uint8Array, UnreadableBy?][] = [
  ['nothing at all', Uint8Array.of()],
  ['the text of another program', Buffer.from('{"id":7,"padding":"............................"}')],
  ['zeros', Buffer.alloc(64)],
  ['an envelope of a later version', patched(2, '02')],
  ['an unknown flag', patched(3, '02')],
  ['extensions beyond its end', patched(22, 'ffff')],
  ['an extension that says it is longer than all', extended(1, '01000400000003', 1)],
  ['half an extension', extended(0, '0100')],
  ['an extension cut off', extended(1, '0100040000')],
  ['an extension of a later release', extended(0, '0200017f')],
  ['an extension of another length', extended(1, '01000300000003')],
  ['two lengths before compression', extended(1, '0100040000000301000400000003')],
  ['a compressor without a length', extended(1, '')],
  ['a length without a compressor', extended(0, '01000400000003')],
  ['a broken payload', patched(30, 'ff')],
  ['half of it', bytesOf(V1).subarray(0, 40)],
  ['an encrypted value, here without a cipher', patched(3, '01'), 'cipher'],
  ['a compressor that is not ours', compressed(77, 3, Buffer.from('"v"')), 'compressor'],
  ['what was never compressed', compressed(1, 3, Buffer.from('"v"')), 'compressor'],
  ['more than was promised', compressed(1, 2, deflateSync('"v"')), 'compressor'],
  ['less than was promised', compressed(1, 4, deflateSync('"v"')), 'compressor'],
  ['nothing promised', compressed(1, 0, deflateSync('')), 'compressor'],
  ['100 MB that promise to be 1 KB', compressed(1, 1000, BOMB), 'compressor'],
  ['100 MB that admit it', compressed(1, 100_000_000, BOMB), 'compressor'],
  ['a serializer that is not ours', patched(20, '02'), 'serializer'],
  ['sound bytes that are no JSON', encodeEnvelope(HEAD, Buffer.from('{"id":')), 'serializer'],
  ['sound bytes that are no UTF-8', encodeEnvelope(HEAD, Buffer.of(0xff, 0xfe)), 'serializer'],
]

const unreadable = foreign.map(([what, data, by = 'envelope']) => ({ what, data, by }))

describe('data that cannot be read', () => {
  test.each(unreadable)('$what: is a miss with an event', async ({ data, by }) => {
    const world = new World()
    const { cache, events } = world.start()
    world.store.plant(stored('k'), data)
    expect(await cache.get('k')).toBeUndefined()
    expect(events).toEqual([{ type: 'corrupt', key: stored('k'), by }])
  })

  test.each(unreadable)('$what: is replaced by one load for all processes', async ({ data }) => {
    const world = new World()
    const processes = world.startMany(3)
    world.store.plant(stored('k'), data)
    let loads = 0
    const load = async () => {
      loads++
      await new Promise<void>((resolve) => world.clock.after(200, resolve))
      return 'v'
    }
    const calls = processes.map(({ cache }) => cache.getOrSet('k', load))
    expect(await world.clock.until(Promise.all(calls))).toEqual(['v', 'v', 'v'])
    expect(loads).toBe(1)
    for (const { cache, told } of processes) {
      expect(told()).toContain('corrupt')
      expect(await cache.get('k')).toBe('v')
    }
  })

  test('is replaced by set, and removed by delete', async () => {
    const world = new World()
    const { cache } = world.start()
    world.store.plant(stored('k'), Buffer.from('other'))
    await cache.set('k', 'v')
    expect(await cache.get('k')).toBe('v')
    world.store.plant(stored('k'), Buffer.from('other'))
    expect(await cache.delete('k')).toBe(true)
  })

  test('stays when the loader fails: the error is the loader’s', async () => {
    const world = new World()
    const { cache } = world.start()
    world.store.plant(stored('k'), Buffer.from('other'))
    await expect(cache.getOrSet('k', () => Promise.reject(new Error('no')))).rejects.toThrow('no')
  })

  test('written while somebody waits for a load does not end the wait', async () => {
    const world = new World()
    const [loading, waiting] = [world.start(), world.start()]
    const load = async () => {
      await new Promise<void>((resolve) => world.clock.after(200, resolve))
      return 'v'
    }
    const first = loading.cache.getOrSet('k', load)
    await world.clock.settle()
    const second = waiting.cache.getOrSet('k', load)
    await world.clock.settle()
    world.store.plant(stored('k'), Buffer.from('other'))
    expect(await world.clock.until(Promise.all([first, second]))).toEqual(['v', 'v'])
    expect(await waiting.cache.get('k')).toBe('v')
  })
})
