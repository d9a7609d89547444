import { describe, expect, test } from '@jest/globals'
import { aesGcmCipher } from '../../src/pipeline/aes-gcm-cipher.ts'
import { createPipeline } from '../../src/pipeline/create-pipeline.ts'
import { decodeEnvelope, encodeEnvelope } from '../../src/pipeline/envelope.ts'
import {
  bytesOf,
  HEAD,
  unreadable,
  V1,
  V1_COMPRESSED,
  V1_ENCRYPTED,
  V1_VALUE,
} from '../helpers/envelopes.ts'

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

  test('is read at once, where nothing is to be decrypted or decompressed', () => {
    expect(pipeline.open('k', bytesOf(V1))).toMatchObject({ value: V1_VALUE })
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

test.each(unreadable)('$what: no value, and it is told by $by', async ({ data, by }) => {
  expect(await pipeline.open('k', data)).toEqual({ unreadableBy: by })
})
