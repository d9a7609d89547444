import { isUint8Array } from 'node:util/types'
import type { Cipher } from './cipher.ts'
import type { Compressor } from './compressor.ts'
import { decodeEnvelope, type Envelope, type EnvelopeForm, encodeEnvelope } from './envelope.ts'
import type { SeenVersion } from './seen-version.ts'
import type { Serializer } from './serializer.ts'

/** More is neither compressed nor decompressed: it bounds what a forged entry can make a reader allocate. */
const RAW_BYTES_MAX = 64 * 2 ** 20
/** Compressed data is kept if it is at most this part of the raw. */
const WORTH_IT = 0.9

/** Which part could make nothing of an entry. */
export type UnreadableBy = 'envelope' | 'cipher' | 'compressor' | 'serializer'

export interface Packed extends EnvelopeForm {
  readonly payload: Uint8Array
}

export interface Freshness {
  readonly softExpiresAtMs: number
  readonly loadStartedAtMs: number
  readonly loadMs: number
  /** Of its tags, as they were before it was made; the value is good while they are. */
  readonly versions?: readonly SeenVersion[] | undefined
}

export type Opened =
  | (Freshness & { readonly value: unknown })
  | { readonly unreadableBy: UnreadableBy }

export interface PipelineStages {
  readonly serializer: Serializer
  readonly compressor: Compressor | undefined
  /** All that can be read, by id. */
  readonly decompressors: ReadonlyMap<number, Compressor>
  readonly compressFromBytes: number
  readonly cipher: Cipher | undefined
}

/** Values to stored bytes and back: serializer, compressor, cipher, envelope. */
export class Pipeline {
  readonly #stages: PipelineStages

  constructor(stages: PipelineStages) {
    this.#stages = stages
  }

  /** Whether what is stored is a secret. */
  get isSecret(): boolean {
    return this.#stages.cipher !== undefined
  }

  /** In the caller's turn, so that what he changes later has no part in it. @throws what the serializer does. */
  serialize(value: unknown): Uint8Array {
    if (value === undefined) throw new TypeError('undefined is no value')
    return bytesFrom(this.#stages.serializer.serialize(value))
  }

  /** Undoes `serialize`. @throws what the serializer does. */
  deserialize(raw: Uint8Array): unknown {
    const value = this.#stages.serializer.deserialize(raw)
    if (value === undefined) throw new TypeError('undefined is no value')
    return value
  }

  get serializerId(): number {
    return this.#stages.serializer.id
  }

  /** @throws what compressor and cipher throw. */
  async pack(key: string, raw: Uint8Array): Promise<Packed> {
    const { cipher } = this.#stages
    const { serializerId } = this
    const small = await this.#compress(raw)
    const packed = { serializerId, encrypted: cipher !== undefined, ...small }
    if (!cipher) return packed
    const payload = bytesFrom(await cipher.encrypt(packed.payload, associatedWith(key, packed)))
    return { ...packed, payload }
  }

  /** Apart from packing, which takes time: a ttl begins when the value is stored. */
  stamp({ payload, ...form }: Packed, freshness: Freshness): Uint8Array {
    return encodeEnvelope({ ...form, ...freshness }, payload)
  }

  /** The same value, stale from `softExpiresAtMs` on. `undefined` for what is no envelope. */
  restamp(data: Uint8Array, softExpiresAtMs: number): Uint8Array | undefined {
    const envelope = decodeEnvelope(data)
    return envelope && encodeEnvelope({ ...envelope, softExpiresAtMs }, envelope.payload)
  }

  /** What tells whether the value is good. `undefined` for what is no envelope. */
  freshnessOf(data: Uint8Array): Freshness | undefined {
    return decodeEnvelope(data)
  }

  /**
   * Never throws or rejects: to a cache, what cannot be read is a miss. At once, where nothing is to be
   * decrypted or decompressed.
   */
  open(key: string, data: Uint8Array): Opened | Promise<Opened> {
    const envelope = decodeEnvelope(data)
    if (!envelope) return { unreadableBy: 'envelope' }
    const isPlain = !envelope.compressed && !envelope.encrypted && !this.isSecret
    return isPlain ? this.#opened(envelope.payload, envelope) : this.#unpacked(key, envelope)
  }

  async #unpacked(key: string, envelope: Envelope): Promise<Opened> {
    let stage: UnreadableBy = 'cipher'
    try {
      const decrypted = await this.#decrypt(key, envelope)
      stage = 'compressor'
      const raw = await this.#decompress(decrypted, envelope)
      return this.#opened(raw, envelope)
    } catch {
      return { unreadableBy: stage }
    }
  }

  #opened(raw: Uint8Array, envelope: Envelope): Opened {
    const { softExpiresAtMs, loadStartedAtMs, loadMs, versions } = envelope
    try {
      const value = this.#deserialize(raw, envelope)
      return { value, softExpiresAtMs, loadStartedAtMs, loadMs, versions }
    } catch {
      return { unreadableBy: 'serializer' }
    }
  }

  async #compress(payload: Uint8Array): Promise<Pick<Packed, 'payload' | 'compressed'>> {
    const { compressor, compressFromBytes } = this.#stages
    const rawBytes = payload.length
    if (!compressor || rawBytes < compressFromBytes || rawBytes > RAW_BYTES_MAX) return { payload }
    const small = bytesFrom(await compressor.compress(payload))
    if (small.length > rawBytes * WORTH_IT) return { payload }
    return { payload: small, compressed: { compressorId: compressor.id, rawBytes } }
  }

  async #decrypt(key: string, envelope: Envelope): Promise<Uint8Array> {
    const { cipher } = this.#stages
    if (envelope.encrypted !== this.isSecret) throw new TypeError('not by this cache')
    if (!cipher) return envelope.payload
    return bytesFrom(await cipher.decrypt(envelope.payload, associatedWith(key, envelope)))
  }

  async #decompress(payload: Uint8Array, { compressed }: EnvelopeForm): Promise<Uint8Array> {
    if (!compressed) return payload
    const { compressorId, rawBytes } = compressed
    const compressor = this.#stages.decompressors.get(compressorId)
    if (!compressor || rawBytes > RAW_BYTES_MAX) throw new TypeError('not by this cache')
    const raw = bytesFrom(await compressor.decompress(payload, rawBytes))
    if (raw.length !== rawBytes) throw new TypeError('another length than was stored')
    return raw
  }

  #deserialize(raw: Uint8Array, { serializerId }: EnvelopeForm): unknown {
    if (serializerId !== this.serializerId) throw new TypeError('not by this cache')
    return this.deserialize(raw)
  }
}

/**
 * What a cipher vouches for besides the value: whose it is and how to read it. Times are left out: they
 * may be moved without the secret, and an entry can be put back as it was all the same.
 */
function associatedWith(key: string, { serializerId, compressed }: EnvelopeForm): Uint8Array {
  const { compressorId = 0, rawBytes = 0 } = compressed ?? {}
  const form = Buffer.alloc(6)
  form.writeUInt8(serializerId, 0)
  form.writeUInt8(compressorId, 1)
  form.writeUInt32BE(rawBytes, 2)
  return Buffer.concat([form, Buffer.from(key)])
}

function bytesFrom(data: unknown): Uint8Array {
  if (!isUint8Array(data)) throw new TypeError('the stages of a pipeline hand on bytes')
  return data
}
