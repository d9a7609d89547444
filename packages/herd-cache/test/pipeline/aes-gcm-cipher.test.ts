import { describe, expect, test } from '@jest/globals'
import { aesGcmCipher } from '../../src/pipeline/aes-gcm-cipher.ts'

const secret = Buffer.alloc(32, 7)

describe('the keys of a cipher', () => {
  const make = (keys: unknown, nameSecret: unknown = secret) =>
    aesGcmCipher({ keys, nameSecret } as Parameters<typeof aesGcmCipher>[0])
  const associated = Buffer.from('for this')

  test('may have any id of a byte: the first encrypts, all decrypt', async () => {
    const [old, next] = [0, 255].map((id) => ({ id, secret: Buffer.alloc(32, id + 1) }))
    const [before, rotated] = [make([old]), make([next, old])]
    const sealed = await before.encrypt(Buffer.from('v'), associated)
    expect(Buffer.from(await rotated.decrypt(sealed, associated)).toString()).toBe('v')
    expect([sealed[0], (await rotated.encrypt(Buffer.from('v'), associated))[0]]).toEqual([0, 255])
    const later = await rotated.encrypt(Buffer.from('v'), associated)
    expect(() => before.decrypt(later, associated)).toThrow('encrypted with an unknown key')
    expect(() => before.decrypt(sealed.subarray(0, 28), associated)).toThrow('an unknown key')
    expect(sealed.length).toBe(1 + 12 + 16 + 1)
    const empty = await before.encrypt(Buffer.of(), associated)
    expect(Buffer.from(await before.decrypt(empty, associated)).length).toBe(0)
  })

  test.each<[string, unknown, string]>([
    ['none', [], 'a cipher needs a key'],
    ['no array', 'keys', 'keys must be an array'],
    [
      'an id below 0',
      [{ id: -1, secret }],
      'the ids of keys must be integers from 0 to 255, each once',
    ],
    [
      'an id above 255',
      [{ id: 256, secret }],
      'the ids of keys must be integers from 0 to 255, each once',
    ],
    [
      'half an id',
      [{ id: 0.5, secret }],
      'the ids of keys must be integers from 0 to 255, each once',
    ],
    [
      'one id twice',
      [
        { id: 1, secret },
        { id: 1, secret },
      ],
      'the ids of keys must be integers from 0 to 255, each once',
    ],
    ['31 bytes', [{ id: 1, secret: secret.subarray(1) }], 'the secret of a key must be 32 bytes'],
    ['text', [{ id: 1, secret: 'x'.repeat(32) }], 'the secret of a key must be 32 bytes'],
  ])('are refused when they are %s', (_, keys, message) => {
    expect(() => make(keys)).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT', message }))
  })

  test('are refused without a secret for names', () => {
    expect(() => make([{ id: 1, secret }], null)).toThrow('the secret of names must be 32 bytes')
  })
})
