import type { Compressor, Serializer } from '../../src/index.ts'

/** JSON that counts what it does. */
export function countingSerializer(id = 100) {
  const counted = {
    id,
    serialized: 0,
    deserialized: 0,
    serialize(value: unknown): Uint8Array {
      counted.serialized++
      return Buffer.from(JSON.stringify(value))
    },
    deserialize(data: Uint8Array): unknown {
      counted.deserialized++
      return JSON.parse(Buffer.from(data).toString())
    },
  }
  return counted satisfies Serializer
}

/** Repeated bytes in two: for data of one byte repeated, up to 65,535 times. */
export const runLength: Compressor = {
  id: 100,
  compress: (data) => Buffer.of(data.length >> 8, data.length & 0xff, data[0] ?? 0),
  decompress: (data) => new Uint8Array(((data[0] ?? 0) << 8) + (data[1] ?? 0)).fill(data[2] ?? 0),
}

/** The same, ending when the test says so. */
export function heldCompressor() {
  const ends: (() => void)[] = []
  const compressor: Compressor = {
    ...runLength,
    compress: (data) =>
      new Promise((resolve) => ends.push(() => resolve(runLength.compress(data)))),
  }
  return { compressor, end: () => ends.shift()?.() }
}
