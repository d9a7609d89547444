import { crc32 } from 'node:zlib'
import { decodeVersions, encodeVersions, type SeenVersion } from './seen-version.ts'

/** What was done to a value's bytes, so that it can be undone. */
export interface EnvelopeForm {
  readonly serializerId: number
  readonly compressed?: { readonly compressorId: number; readonly rawBytes: number } | undefined
  readonly encrypted: boolean
}

/** What is known of a value besides its bytes. Times are the store's, epoch ms. */
export interface EnvelopeHead extends EnvelopeForm {
  /** Fresh before, stale from then on. */
  readonly softExpiresAtMs: number
  /** Taken before the loader ran: the value is as old as this. */
  readonly loadStartedAtMs: number
  /** How long the load took. */
  readonly loadMs: number
  /** The value is good while all of them are what they were. Default none. */
  readonly versions?: readonly SeenVersion[] | undefined
}

export interface Envelope extends EnvelopeHead {
  readonly payload: Uint8Array
}

/**
 * Envelope v1, 28 bytes before the payload, big-endian:
 * 0 magic 4C C1 (0xC1 occurs in no UTF-8, MessagePack or zlib head) · 2 version · 3 flags: 1 encrypted ·
 * 4 soft expiry u48 · 10 load start u48 · 16 load time u32 · 20 serializer u8 · 21 compressor u8, 0 =
 * none · 22 length of extensions u16, between head and payload · 24 CRC-32 of all else.
 *
 * An extension is type u8 · length u16 · data: 1 = bytes before compression u32 · 2 = versions of tags,
 * each as length u8, tag, length u8, version. A flag or extension that a release does not know makes the
 * value unreadable to it, so a later one can add what must be heeded.
 */
const MAGIC = 0x4cc1
const VERSION = 1
const ENCRYPTED = 1
const CRC_AT = 24
const HEAD_BYTES = 28
const RAW_BYTES = 1
const VERSIONS = 2
const EXTENSION_HEAD_BYTES = 3

export function encodeEnvelope(head: EnvelopeHead, payload: Uint8Array): Uint8Array {
  const extensions = encodeExtensions(head)
  const bytes = Buffer.alloc(HEAD_BYTES + extensions.length + payload.length)
  bytes.writeUInt16BE(MAGIC, 0)
  bytes.writeUInt8(VERSION, 2)
  bytes.writeUInt8(head.encrypted ? ENCRYPTED : 0, 3)
  bytes.writeUIntBE(Math.round(head.softExpiresAtMs), 4, 6)
  bytes.writeUIntBE(Math.round(head.loadStartedAtMs), 10, 6)
  bytes.writeUInt32BE(Math.min(Math.round(head.loadMs), 0xffffffff), 16)
  bytes.writeUInt8(head.serializerId, 20)
  bytes.writeUInt8(head.compressed?.compressorId ?? 0, 21)
  bytes.writeUInt16BE(extensions.length, 22)
  bytes.set(extensions, HEAD_BYTES)
  bytes.set(payload, HEAD_BYTES + extensions.length)
  bytes.writeUInt32BE(checksum(bytes), CRC_AT)
  return bytes
}

/** `undefined` for anything that is not a sound envelope this release can read. Never throws. */
export function decodeEnvelope(data: Uint8Array): Envelope | undefined {
  if (data.length < HEAD_BYTES) return undefined
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  const flags = bytes.readUInt8(3)
  if (bytes.readUInt16BE(0) !== MAGIC || bytes.readUInt8(2) !== VERSION || flags > ENCRYPTED)
    return undefined
  const payloadAt = HEAD_BYTES + bytes.readUInt16BE(22)
  if (payloadAt > bytes.length || checksum(bytes) !== bytes.readUInt32BE(CRC_AT)) return undefined
  const extensions = decodeExtensions(bytes.subarray(HEAD_BYTES, payloadAt))
  const compressorId = bytes.readUInt8(21)
  // Nothing is decompressed without a bound.
  if (!extensions || (compressorId === 0) !== (extensions.rawBytes === undefined)) return undefined
  const { rawBytes, versions } = extensions
  return {
    softExpiresAtMs: bytes.readUIntBE(4, 6),
    loadStartedAtMs: bytes.readUIntBE(10, 6),
    loadMs: bytes.readUInt32BE(16),
    serializerId: bytes.readUInt8(20),
    compressed: rawBytes === undefined ? undefined : { compressorId, rawBytes },
    encrypted: flags === ENCRYPTED,
    versions,
    payload: bytes.subarray(payloadAt),
  }
}

function encodeExtensions({ compressed, versions = [] }: EnvelopeHead): Buffer {
  const parts: Buffer[] = []
  if (compressed) {
    const rawBytes = Buffer.alloc(4)
    rawBytes.writeUInt32BE(compressed.rawBytes)
    parts.push(extensionHead(RAW_BYTES, 4), rawBytes)
  }
  if (versions.length > 0) {
    const data = encodeVersions(versions)
    parts.push(extensionHead(VERSIONS, data.length), data)
  }
  return Buffer.concat(parts)
}

function extensionHead(type: number, length: number): Buffer {
  const bytes = Buffer.alloc(EXTENSION_HEAD_BYTES)
  bytes.writeUInt8(type, 0)
  bytes.writeUInt16BE(length, 1)
  return bytes
}

interface Extensions {
  rawBytes?: number
  versions?: readonly SeenVersion[]
}

function decodeExtensions(bytes: Buffer): Extensions | undefined {
  const extensions: Extensions = {}
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < EXTENSION_HEAD_BYTES) return undefined
    const dataAt = at + EXTENSION_HEAD_BYTES
    at = dataAt + bytes.readUInt16BE(at + 1)
    if (at > bytes.length) return undefined
    const type = bytes.readUInt8(dataAt - EXTENSION_HEAD_BYTES)
    if (!decodeExtension(extensions, type, bytes.subarray(dataAt, at))) return undefined
  }
  return extensions
}

/** Each occurs once; `false` for one that is not sound. */
function decodeExtension(extensions: Extensions, type: number, data: Buffer): boolean {
  if (type === RAW_BYTES && data.length === 4 && extensions.rawBytes === undefined) {
    extensions.rawBytes = data.readUInt32BE(0)
    return true
  }
  const versions = type === VERSIONS && !extensions.versions && decodeVersions(data)
  if (!versions) return false
  extensions.versions = versions
  return true
}

const checksum = (bytes: Buffer): number =>
  crc32(bytes.subarray(HEAD_BYTES), crc32(bytes.subarray(0, CRC_AT)))
