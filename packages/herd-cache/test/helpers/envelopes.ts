import { crc32, deflateSync } from 'node:zlib'
import { type EnvelopeHead, encodeEnvelope } from '../../src/pipeline/envelope.ts'
import type { UnreadableBy } from '../../src/pipeline/pipeline.ts'

export const HEAD: EnvelopeHead = {
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
export const V1 = [
  ...['4cc1', '01', '00', '01a3185d3a60', '01a3185c4f38', '000000c8', '01', '00', '0000'],
  ...['0e50937d', '7b226964223a372c226e616d65223a22c3a4227d'],
].join('')
export const V1_VALUE = { id: 7, name: 'ä' }

/** What release 1 wrote for 1,100 letters a. */
export const V1_COMPRESSED = {
  deflate:
    '4cc1010001a3185d3a6001a3185c4f38000000c801010007f76d4d6c0100040000044e7801534a1c05a321301a02a321408510500200b2e4a120',
  gzip: '4cc1010001a3185d3a6001a3185c4f38000000c801020007a7f398f30100040000044e1f8b0800000000000403534a1c05a321301a02a3214085105002004306d4f24e040000',
  brotli:
    '4cc1010001a3185d3a6001a3185c4f38000000c801030007fa4eb2480100040000044e1b4d0400a444c24a11cb02598000',
}

/** What release 1 wrote for V1_VALUE under the key `k`, with key 3 of 32 sevens. */
export const V1_ENCRYPTED =
  '4cc1010101a3185d3a6001a3185c4f38000000c80100000045fc8f4f033473d46745408618218c36e5c1e642a266a2c9e141080b7381dcb61a7c87a8b3f5e1f3602f3766da5b300dbe0e090070'

export const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))

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
  ['what begins like something else', patched(0, '4cc2')],
  ['an envelope of a later version', patched(2, '02')],
  ['an unknown flag', patched(3, '02')],
  ['extensions beyond its end', patched(22, 'ffff')],
  ['an extension that says it is longer than all', extended(1, '01000400000003', 1)],
  ['half an extension', extended(0, '0100')],
  ['an extension cut off', extended(1, '0100040000')],
  ['an extension, and half of another', extended(1, '01000400000003' + '02')],
  ['an extension of a later release', extended(0, '03000401610162')],
  ['versions that are none', extended(0, '0200017f')],
  ['a tag without its version', extended(0, '0200020161')],
  ['a version cut off', extended(0, '02000401610562')],
  ['a tag that begins as no key may', extended(0, '0200050220610162')],
  ['a tag that ends as no key may', extended(0, '0200050261200162')],
  ['versions twice', extended(0, '02000401610162'.repeat(2))],
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

/** What no cache can make anything of, and which stage finds out. */
export const unreadable = foreign.map(([what, data, by = 'envelope']) => ({ what, data, by }))
