import { isPromise } from 'node:util/types'
import { describe, expect, test } from '@jest/globals'
import { zlibCompressor } from '../../src/pipeline/zlib-compressor.ts'

describe('zlib', () => {
  test.each(['lzma', 'toString', ''])('has no format %p', (format) => {
    expect(() => zlibCompressor(format as 'gzip')).toThrow(
      expect.objectContaining({
        code: 'INVALID_ARGUMENT',
        message: 'a format must be deflate, gzip, brotli or zstd',
      }),
    )
  })

  test('works in the caller’s turn below 64 KiB, and elsewhere from there on', () => {
    const { compress, decompress } = zlibCompressor('deflate')
    const isHere = (bytes: number) => {
      const packed = compress(Buffer.alloc(bytes))
      return packed instanceof Uint8Array
    }
    expect([isHere(65_535), isHere(65_536)]).toEqual([true, false])
    const small = compress(Buffer.alloc(100)) as Uint8Array
    expect(decompress(small, 65_535)).toBeInstanceOf(Uint8Array)
    expect(isPromise(decompress(small, 65_536))).toBe(true)
    expect(() => decompress(small, 99)).toThrow()
  })
})
