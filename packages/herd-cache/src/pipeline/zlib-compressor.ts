import { promisify } from 'node:util'
import * as zlib from 'node:zlib'
import { InvalidArgumentError, UnsupportedError } from '@locks/core'
import type { Compressor } from './compressor.ts'

/** The formats of `node:zlib`; `zstd` needs a Node that has it. */
export type ZlibFormat = 'deflate' | 'gzip' | 'brotli' | 'zstd'

/** As much as the event loop is held up for; more is done in Node's thread pool. */
const ON_LOOP_BYTES_MAX = 65_536

interface Codec {
  readonly id: number
  readonly compress: string
  readonly decompress: string
  /** Little work: a cache trades time for space, not the other way round. */
  readonly options: object
}

const { BROTLI_PARAM_QUALITY } = zlib.constants
const CODECS: Readonly<Record<ZlibFormat, Codec>> = {
  deflate: { id: 1, compress: 'deflate', decompress: 'inflate', options: { level: 1 } },
  gzip: { id: 2, compress: 'gzip', decompress: 'gunzip', options: { level: 1 } },
  brotli: {
    id: 3,
    compress: 'brotliCompress',
    decompress: 'brotliDecompress',
    options: { params: { [BROTLI_PARAM_QUALITY]: 4 } },
  },
  zstd: { id: 4, compress: 'zstdCompress', decompress: 'zstdDecompress', options: {} },
}

/**
 * A compressor of `node:zlib`; from 64 KiB on it works outside the event loop.
 * @throws InvalidArgumentError for an unknown format; UnsupportedError for zstd before Node 22.15.
 */
export function zlibCompressor(format: ZlibFormat): Compressor {
  if (!Object.hasOwn(CODECS, format))
    throw new InvalidArgumentError('a format must be deflate, gzip, brotli or zstd')
  const { id, compress, decompress, options } = CODECS[format]
  const pack = codecFunction(compress)
  const unpack = codecFunction(decompress)
  return {
    id,
    compress: (data) => pack(data, options, data.length),
    decompress: (data, maxBytes) => unpack(data, { maxOutputLength: maxBytes }, maxBytes),
  }
}

type Sync = (data: Uint8Array, options: object) => Uint8Array
type Async = (data: Uint8Array, options: object) => Promise<Uint8Array>

/** By name: what this Node does not have is missing among the types or at run time. */
function codecFunction(name: string) {
  const functions = zlib as unknown as Record<string, ((...args: never[]) => unknown) | undefined>
  const [sync, async] = [functions[`${name}Sync`], functions[name]]
  if (!sync || !async) throw new UnsupportedError(`this Node has no ${name}`)
  return (data: Uint8Array, options: object, bytes: number) =>
    bytes < ON_LOOP_BYTES_MAX
      ? (sync as Sync)(data, options)
      : (promisify(async) as Async)(data, options)
}
