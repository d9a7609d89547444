import { describe, expect, test } from '@jest/globals'
import { type AesGcmOptions, aesGcmCipher, type Cipher, v8Serializer } from '../../src/index.ts'
import { failureOf, heldLoader, stored, World } from '../helpers/world.ts'

const INVALID = { code: 'INVALID_ARGUMENT' }
const key = (id: number, byte = id) => ({ id, secret: Buffer.alloc(32, byte) })
const nameSecret = Buffer.alloc(32, 99)
const cipher = (...keys: AesGcmOptions['keys']) => aesGcmCipher({ keys, nameSecret })

/** All that a store keeps or is told, as text. */
const seenBy = (sent: readonly unknown[]) =>
  JSON.stringify(sent, (_, part) =>
    part instanceof Uint8Array ? Buffer.from(part).toString('latin1') : part,
  )

describe('a cache with a cipher', () => {
  test('[C100] brings values back, and tells the store nothing of them or of their names', async () => {
    const world = new World()
    const { cache, link } = world.start({ cipher: cipher(key(1)) })
    const value = { diagnosis: 'measles', notes: 'measles '.repeat(1000) }
    await cache.set(['patient', 'Ada'], value)
    expect(await cache.get(['patient', 'Ada'])).toEqual(value)
    const failure = failureOf(
      cache.getOrSet('other', () => Promise.reject(new RangeError('Ada has measles'))),
    )
    expect((await failure).message).toBe('Ada has measles')
    const seen = seenBy(link.sent)
    expect(seen).toContain('RangeError')
    for (const secret of ['patient', 'Ada', 'diagnosis', 'measles', 'other'])
      expect(seen).not.toContain(secret)
  })

  test('compresses before it encrypts', async () => {
    const world = new World()
    const { cache, link } = world.start({ cipher: cipher(key(1)) })
    await cache.set('k', 'a'.repeat(100_000))
    expect(seenBy(link.sent).length).toBeLessThan(5000)
    expect(await cache.get('k')).toBe('a'.repeat(100_000))
  })

  test('[C99] another key is a miss with an event, and the value is loaded anew', async () => {
    const world = new World()
    await world.start({ cipher: cipher(key(1)) }).cache.set('k', 'old')
    for (const other of [key(2), key(1, 7)]) {
      const { cache, told, events } = world.start({ cipher: cipher(other) })
      expect(await cache.get('k')).toBeUndefined()
      expect(events).toEqual([expect.objectContaining({ type: 'corrupt', by: 'cipher' })])
      expect(await cache.getOrSet('k', () => other.id)).toBe(other.id)
      expect(await cache.get('k')).toBe(other.id)
      expect(told()).not.toContain('store-error')
    }
  })

  test('[C99] keys rotate without a miss: the first encrypts, all decrypt', async () => {
    const world = new World()
    const steps = [[key(1)], [key(1), key(2)], [key(2), key(1)], [key(2)]]
    const caches = steps.map((keys) => world.start({ cipher: cipher(...keys) }))
    // Each step of the roll-out beside the one before it.
    for (let step = 1; step < caches.length; step++) {
      const [older, newer] = [caches[step - 1], caches[step]]
      for (const [writer, reader] of [
        [older, newer],
        [newer, older],
      ]) {
        if (step === 3 && writer === older) await writer?.cache.set('k', 'again')
        await writer?.cache.set('k', step)
        expect(await reader?.cache.get('k')).toBe(step)
      }
      expect([older?.told(), newer?.told()].flat()).not.toContain('corrupt')
    }
  })

  test('[C99] with one and without one, neither reads the other', async () => {
    const world = new World()
    const names = { identity: { identify: (_: string, name: unknown) => `test:c1:{${name}}` } }
    const secret = world.start({ ...names, cipher: cipher(key(1)) })
    const open = world.start(names)
    for (const [writer, reader] of [
      [secret, open],
      [open, secret],
    ] as const) {
      reader.events.length = 0
      await writer.cache.set('k', 'v')
      expect(await reader.cache.get('k')).toBeUndefined()
      expect(reader.events).toEqual([{ type: 'corrupt', key: stored('k'), by: 'cipher' }])
    }
  })

  test('refuses a value that was moved to another name', async () => {
    const world = new World()
    const { cache, link, events } = world.start({ cipher: cipher(key(1)) })
    await cache.set('a', 'of a')
    await cache.set('b', 'of b')
    const [ofA, ofB] = link.sent
      .filter(({ command }) => command === 'write')
      .map((sent) => sent.key)
    const [entry] = await world.store.connect().read([ofA as string])
    if (!entry) throw new Error('nothing was stored')
    world.store.plant(ofB as string, entry.data)
    expect(await cache.get('b')).toBeUndefined()
    expect(events.at(-1)).toMatchObject({ type: 'corrupt', by: 'cipher' })
  })

  test('stores equal values as different bytes', async () => {
    const aes = cipher(key(1))
    const sealed = await Promise.all(
      Array.from({ length: 100 }, async () =>
        Buffer.from(await aes.encrypt(Buffer.from('v'), Buffer.of())).toString('hex'),
      ),
    )
    expect(new Set(sealed.map((hex) => hex.slice(2, 26))).size).toBe(100)
    for (const hex of sealed) expect(hex.length).toBe(2 * (1 + 12 + 16 + 1))
  })

  test('of one’s own may take its time, and make readable keys', async () => {
    const world = new World()
    const xor = (data: Uint8Array) => Promise.resolve(data.map((byte) => byte ^ 0x55))
    const own: Cipher = { encrypt: xor, decrypt: xor }
    const { cache, link } = world.start({ cipher: own, serializer: v8Serializer })
    await cache.set('k', new Set([1]))
    expect(await cache.get('k')).toEqual(new Set([1]))
    expect(link.sent.at(-1)?.key).toBe(stored('k'))
  })

  test('shares an error with those who wait elsewhere by its kind alone', async () => {
    const world = new World()
    const [one, two] = world.startMany(2, { cipher: cipher(key(1)) })
    const loader = heldLoader<string>()
    const first = one?.cache.getOrSet('k', loader.load).catch((error: Error) => error.message)
    await world.clock.settle()
    const second = two?.cache.getOrSet('k', loader.load).catch((error: Error) => error.message)
    await world.clock.settle()
    loader.reject(new RangeError('Ada has measles'))
    const [here, there] = await world.clock.until(Promise.all([first, second]))
    expect(here).toBe('Ada has measles')
    expect(there).toBe('the loader failed in another process: RangeError')
  })
})

describe('aesGcmCipher', () => {
  const aes = cipher(key(1))
  const associated = Buffer.from('for this')

  test('refuses whatever was changed, cut or made for something else', async () => {
    const sealed = Buffer.from(await aes.encrypt(Buffer.from('value'), associated))
    expect(Buffer.from(await aes.decrypt(sealed, associated)).toString()).toBe('value')
    expect(() => aes.decrypt(sealed, Buffer.from('for that'))).toThrow()
    for (let length = 0; length < sealed.length; length++)
      expect(() => aes.decrypt(sealed.subarray(0, length), associated)).toThrow()
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const flipped = Buffer.from(sealed)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(() => aes.decrypt(flipped, associated)).toThrow()
    }
  })

  test.each<[string, unknown]>([
    ['no keys', { keys: [], nameSecret }],
    ['keys that are no array', { keys: key(1), nameSecret }],
    ['a key of 16 bytes', { keys: [{ id: 1, secret: Buffer.alloc(16) }], nameSecret }],
    ['a key of text', { keys: [{ id: 1, secret: 'x'.repeat(32) }], nameSecret }],
    ['an id of 256', { keys: [key(256)], nameSecret }],
    ['no id', { keys: [{ secret: Buffer.alloc(32) }], nameSecret }],
    ['one id twice', { keys: [key(1), key(1, 2)], nameSecret }],
    ['no secret for names', { keys: [key(1)] }],
    ['a short secret for names', { keys: [key(1)], nameSecret: Buffer.alloc(31) }],
  ])('is not made with %s', (_, options) => {
    const make = () => aesGcmCipher(options as AesGcmOptions)
    expect(make).toThrow(expect.objectContaining(INVALID))
  })

  test('shows none of its secrets', () => {
    const shown = JSON.stringify(aes) + Object.values(aes).map(String).join()
    expect(shown).not.toContain(key(1).secret.toString('hex'))
  })
})
