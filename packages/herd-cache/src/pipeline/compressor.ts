/**
 * Makes bytes fewer. `id` is stored with each value that was compressed; 0 means none, 1 to 31 are taken
 * by the compressors that are built in. May work outside the event loop.
 */
export interface Compressor {
  /** 1 to 255. */
  readonly id: number
  /** A result that is hardly shorter is thrown away. */
  compress(data: Uint8Array): Uint8Array | PromiseLike<Uint8Array>
  /**
   * Must not make more than `maxBytes`, whatever `data` promises.
   * @throws anything for bytes that it did not write.
   */
  decompress(data: Uint8Array, maxBytes: number): Uint8Array | PromiseLike<Uint8Array>
}
