import { crc32 } from 'node:zlib'

/** What is known of a value besides its bytes. Times are the store's, epoch ms. */
export interface EnvelopeHead {
  /** Fresh before, stale from then on. */
  readonly softExpiresAtMs: number
  /** Taken before the loader ran: the value is as old as this. */
  readonly loadStartedAtMs: number
  /** How long the load took. */
  readonly loadMs: number
  /** Which serializer wrote the payload. */
  readonly serializerId: number
}

export interface Envelope extends EnvelopeHead {
  readonly payload: Uint8Array
}

/**
 * Envelope v1, 28 bytes before the payload, big-endian:
 * 0 magic 4C C1 (0xC1 occurs in no UTF-8, MessagePack or zlib head) · 2 version · 3 flags, none yet ·
 * 4 soft expiry u48 · 10 load start u48 · 16 load time u32 · 20 serializer u8 · 21 compressor u8, 0 =
 * none · 22 length of extensions u16, between head and payload · 24 CRC-32 of all else.
 */
const MAGIC = 0x4cc1
const VERSION = 1
const CRC_AT = 24
const HEAD_BYTES = 28

export function encodeEnvelope(head: EnvelopeHead, payload: Uint8Array): Uint8Array {
  const bytes = Buffer.alloc(HEAD_BYTES + payload.length)
  bytes.writeUInt16BE(MAGIC, 0)
  bytes.writeUInt8(VERSION, 2)
  bytes.writeUIntBE(Math.round(head.softExpiresAtMs), 4, 6)
  bytes.writeUIntBE(Math.round(head.loadStartedAtMs), 10, 6)
  bytes.writeUInt32BE(Math.min(Math.round(head.loadMs), 0xffffffff), 16)
  bytes.writeUInt8(head.serializerId, 20)
  bytes.set(payload, HEAD_BYTES)
  bytes.writeUInt32BE(checksum(bytes), CRC_AT)
  return bytes
}

/** `undefined` for anything that is not a sound envelope this release can read. Never throws. */
export function decodeEnvelope(data: Uint8Array): Envelope | undefined {
  if (data.length < HEAD_BYTES) return undefined
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  if (bytes.readUInt16BE(0) !== MAGIC || bytes.readUInt8(2) !== VERSION) return undefined
  const flags = bytes.readUInt8(3)
  const compressorId = bytes.readUInt8(21)
  const extensionBytes = bytes.readUInt16BE(22)
  // Written by a later release with a pipeline that this one does not have.
  if (flags !== 0 || compressorId !== 0 || extensionBytes !== 0) return undefined
  if (checksum(bytes) !== bytes.readUInt32BE(CRC_AT)) return undefined
  const payload = bytes.subarray(HEAD_BYTES)
  return {
    softExpiresAtMs: bytes.readUIntBE(4, 6),
    loadStartedAtMs: bytes.readUIntBE(10, 6),
    loadMs: bytes.readUInt32BE(16),
    serializerId: bytes.readUInt8(20),
    payload,
  }
}

const checksum = (bytes: Buffer): number =>
  crc32(bytes.subarray(HEAD_BYTES), crc32(bytes.subarray(0, CRC_AT)))
