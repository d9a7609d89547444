import type { Cipher } from './cipher.ts'
import type { Compressor } from './compressor.ts'
import type { IdentityGenerator } from './identity-generator.ts'
import type { Serializer } from './serializer.ts'

/** How names become keys and values become bytes. Caches that share entries must agree on it. */
export interface PipelineOptions {
  /** `false`: the name itself is the key. Default `encodedIdentity`, or the cipher's own. */
  readonly identity?: IdentityGenerator | false
  /** `false`: values are bytes. Default JSON. */
  readonly serializer?: Serializer | false
  /** `false`: none; what others have compressed is still read. Default `zlibCompressor('deflate')`. */
  readonly compressor?: Compressor | false
  /** Values of fewer bytes are not compressed, nor any that it would save less than a tenth of. Default 1024. */
  readonly compressFromBytes?: number
  /** Default none. With one, entries that were not encrypted are misses. */
  readonly cipher?: Cipher
}
