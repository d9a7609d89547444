import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto'
import { InvalidArgumentError, systemRandom } from '@locks/core'
import { checkGiven } from '@locks/core/parts'
import { checkSecret } from './check-secret.ts'
import type { Cipher } from './cipher.ts'
import { keyedIdentity } from './keyed-identity.ts'

/** A secret, and the id that it is known by. */
export interface AesGcmKey {
  /** 0 to 255, stored with what was encrypted; never to be given to another secret. */
  readonly id: number
  /** 32 bytes. */
  readonly secret: Uint8Array
}

/** What values and names are encrypted with. */
export interface AesGcmOptions {
  /**
   * The first encrypts, all decrypt. To rotate without misses: add the new key at the end everywhere,
   * then move it to the front, and drop the old one after the longest ttl and grace.
   */
  readonly keys: readonly AesGcmKey[]
  /** 32 bytes: what the store's keys are made with. Stays through rotations; another makes a new cache. */
  readonly nameSecret: Uint8Array
}

const ALGORITHM = 'aes-256-gcm'
const IV_BYTES = 12
const TAG_BYTES = 16
const HEAD_BYTES = 1 + IV_BYTES + TAG_BYTES

/**
 * AES-256-GCM: key id, 12 bytes of nonce, 16 bytes of tag, then what was encrypted. Nonces are random:
 * a key is good for 2^32 values. @throws InvalidArgumentError for unusable keys.
 */
export function aesGcmCipher(options: AesGcmOptions): Cipher {
  checkGiven(options, 'options')
  const { keys, nameSecret } = options
  const ring = keyRing(keys)
  const [first] = ring
  if (!first) throw new InvalidArgumentError('a cipher needs a key')
  const [id, secret] = first
  return {
    identity: keyedIdentity(nameSecret),
    encrypt(data, associated) {
      const iv = nonce()
      const cipher = createCipheriv(ALGORITHM, secret, iv, { authTagLength: TAG_BYTES })
      const encrypted = [cipher.setAAD(associated).update(data), cipher.final()]
      return Buffer.concat([Buffer.of(id), iv, cipher.getAuthTag(), ...encrypted])
    },
    decrypt(data, associated) {
      const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength)
      const key = ring.get(bytes.readUInt8(0))
      if (!key || bytes.length < HEAD_BYTES) throw new TypeError('encrypted with an unknown key')
      const iv = bytes.subarray(1, 1 + IV_BYTES)
      const decipher = createDecipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES })
      decipher.setAAD(associated).setAuthTag(bytes.subarray(1 + IV_BYTES, HEAD_BYTES))
      return Buffer.concat([decipher.update(bytes.subarray(HEAD_BYTES)), decipher.final()])
    },
  }
}

function keyRing(keys: readonly AesGcmKey[]): Map<number, KeyObject> {
  if (!Array.isArray(keys)) throw new InvalidArgumentError('keys must be an array')
  const ring = new Map<number, KeyObject>()
  for (const key of keys) {
    checkGiven(key, 'a key')
    const { id, secret } = key
    if (!Number.isInteger(id) || id < 0 || id > 255 || ring.has(id))
      throw new InvalidArgumentError('the ids of keys must be integers from 0 to 255, each once')
    ring.set(id, createSecretKey(checkSecret(secret, 'the secret of a key')))
  }
  return ring
}

/** 16 characters of 6 random bits each are the base64url of 12 random bytes. */
const nonce = () => Buffer.from(systemRandom.token().slice(0, 16), 'base64url')
