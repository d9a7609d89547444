import { crc32 } from 'node:zlib'
import { describe, expect, test } from '@jest/globals'
import { decodeValue, encodePayload, serializeValue } from '../src/cached-value.ts'
import { decodeEnvelope, type EnvelopeHead, encodeEnvelope } from '../src/envelope.ts'
import { stored, World } from './helpers/world.ts'

const HEAD: EnvelopeHead = {
  softExpiresAtMs: 1_800_000_060_000,
  loadStartedAtMs: 1_799_999_999_800,
  loadMs: 200,
  serializerId: 1,
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

const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))
const decoded = (data: Uint8Array) => decodeValue({ data, version: 'v' })

describe('envelope v1', () => {
  test('is written byte for byte as it always was', () => {
    const data = encodePayload(serializeValue(V1_VALUE), HEAD)
    expect(Buffer.from(data).toString('hex')).toBe(V1)
  })

  test('is read as it always was', () => {
    expect(decodeEnvelope(bytesOf(V1))).toMatchObject(HEAD)
    expect(decoded(bytesOf(V1))).toEqual({
      value: V1_VALUE,
      version: 'v',
      softExpiresAtMs: HEAD.softExpiresAtMs,
      loadMs: HEAD.loadMs,
    })
  })

  test.each([0, 1, 255, 65_536])('%d bytes of payload come back', (length) => {
    const payload = Uint8Array.from({ length }, (_, index) => index % 251)
    const envelope = decodeEnvelope(encodeEnvelope(HEAD, payload))
    expect(envelope).toMatchObject(HEAD)
    expect(Buffer.from(envelope?.payload ?? [1]).equals(payload)).toBe(true)
  })

  test('is read from the middle of a larger buffer, as clients hand replies out', () => {
    const around = Buffer.concat([Buffer.alloc(13, 0xff), bytesOf(V1), Buffer.alloc(9, 0xff)])
    expect(decoded(around.subarray(13, 13 + V1.length / 2))?.value).toEqual(V1_VALUE)
  })

  test('takes fractions of a millisecond, and load times beyond its field', () => {
    const head = { ...HEAD, softExpiresAtMs: 1000.6, loadStartedAtMs: 0.4, loadMs: 2 ** 40 + 0.5 }
    expect(decodeEnvelope(encodeEnvelope(head, Buffer.of()))).toMatchObject({
      softExpiresAtMs: 1001,
      loadStartedAtMs: 0,
      loadMs: 2 ** 32 - 1,
    })
  })

  test('cut off anywhere is nothing', () => {
    const whole = bytesOf(V1)
    for (let length = 0; length < whole.length; length++) {
      expect(decoded(whole.subarray(0, length))).toBeUndefined()
    }
  })

  test('with bytes behind it is nothing', () => {
    expect(decoded(bytesOf(`${V1}00`))).toBeUndefined()
  })

  test('with any single bit flipped is nothing', () => {
    const whole = bytesOf(V1)
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const flipped = Uint8Array.from(whole)
      flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7))
      expect(decoded(flipped)).toBeUndefined()
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

const unreadable: readonly [string, Uint8Array][] = [
  ['nothing at all', Uint8Array.of()],
  ['the text of another program', Buffer.from('{"id":7,"padding":"............................"}')],
  ['zeros', Buffer.alloc(64)],
  ['an envelope of a later version', patched(2, '02')],
  ['an unknown flag', patched(3, '01')],
  ['a serializer that is not ours', patched(20, '02')],
  ['a compressor that is not ours', patched(21, '01')],
  ['extensions', patched(22, '0001')],
  ['a broken payload', patched(30, 'ff')],
  ['half of it', bytesOf(V1).subarray(0, 40)],
  ['sound bytes that are no JSON', encodeEnvelope(HEAD, Buffer.from('{"id":'))],
  ['sound bytes that are no UTF-8', encodeEnvelope(HEAD, Buffer.of(0xff, 0xfe))],
]

describe('data that cannot be read', () => {
  test.each(unreadable)('%s: is a miss with an event', async (_, data) => {
    const world = new World()
    const { cache, events } = world.start()
    world.store.plant(stored('k'), data)
    expect(await cache.get('k')).toBeUndefined()
    expect(events).toEqual([{ type: 'corrupt', key: stored('k') }])
  })

  test.each(unreadable)('%s: is replaced by one load for all processes', async (_, data) => {
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
