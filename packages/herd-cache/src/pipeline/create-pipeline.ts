import { InvalidArgumentError } from '@locks/core'
import { checkGiven } from '@locks/core/parts'
import { bytesSerializer } from './bytes-serializer.ts'
import type { Cipher } from './cipher.ts'
import type { Compressor } from './compressor.ts'
import { jsonSerializer } from './json-serializer.ts'
import { Pipeline } from './pipeline.ts'
import type { PipelineOptions } from './pipeline-options.ts'
import type { Serializer } from './serializer.ts'
import { type ZlibFormat, zlibCompressor } from './zlib-compressor.ts'

const DEFAULT_COMPRESS_FROM_BYTES = 1024

/** @throws InvalidArgumentError for a stage that is not one. */
export function createPipeline(options: PipelineOptions): Pipeline {
  const { compressFromBytes = DEFAULT_COMPRESS_FROM_BYTES } = options
  if (!Number.isInteger(compressFromBytes) || compressFromBytes < 0)
    throw new InvalidArgumentError('compressFromBytes must be an integer from 0')
  const compressor = compressorOf(options)
  const decompressors = [...BUILT_IN, ...(compressor ? [compressor] : [])]
  return new Pipeline({
    serializer: serializerOf(options),
    compressor,
    decompressors: new Map(decompressors.map((each) => [each.id, each])),
    compressFromBytes,
    cipher: cipherOf(options),
  })
}

function serializerOf({ serializer = jsonSerializer }: PipelineOptions): Serializer {
  if (serializer === false) return bytesSerializer
  checkGiven(serializer, 'serializer', 'serialize', 'deserialize')
  checkId('serializer', serializer.id, 0)
  return serializer
}

function compressorOf({ compressor }: PipelineOptions): Compressor | undefined {
  if (compressor === undefined) return zlibCompressor('deflate')
  if (compressor === false) return undefined
  checkGiven(compressor, 'compressor', 'compress', 'decompress')
  checkId('compressor', compressor.id, 1)
  return compressor
}

function cipherOf({ cipher }: PipelineOptions): Cipher | undefined {
  if (cipher !== undefined) checkGiven(cipher, 'cipher', 'encrypt', 'decrypt')
  return cipher
}

/** Read whatever is chosen to write: compression says nothing of the value, so a change costs no misses. */
const BUILT_IN = builtIn()

function builtIn(): Compressor[] {
  const formats: readonly ZlibFormat[] = ['deflate', 'gzip', 'brotli', 'zstd']
  return formats.flatMap((format) => {
    try {
      return [zlibCompressor(format)]
    } catch {
      // This Node has no zstd.
      return []
    }
  })
}

function checkId(what: string, id: number, min: number): void {
  if (!Number.isInteger(id) || id < min || id > 255)
    throw new InvalidArgumentError(`the id of a ${what} must be an integer from ${min} to 255`)
}
