import { readFrameHead } from './frame-head.ts'

/** Cuts a stream of bytes, which comes in any pieces, into the items it was made of. */
export class FrameParser {
  /** Of an item that is not complete, and how many bytes of it are still to come. */
  #pieces: Uint8Array[] = []
  #missing = 0

  /** Nothing of an item is left over. */
  get isAtEnd(): boolean {
    return this.#pieces.length === 0
  }

  /** The items that `data` completes. */
  *push(data: Uint8Array): Iterable<Uint8Array> {
    this.#pieces.push(data)
    this.#missing -= data.length
    if (this.#missing > 0) return
    const bytes = this.#pieces.length === 1 ? data : Buffer.concat(this.#pieces)
    this.#pieces = []
    let at = 0
    for (;;) {
      const head = readFrameHead(bytes, at)
      if (!head || head.itemAt + head.length > bytes.length) break
      yield bytes.subarray(head.itemAt, head.itemAt + head.length)
      at = head.itemAt + head.length
    }
    this.#keep(bytes.subarray(at))
  }

  /** An item longer than a chunk is put together once, not at every chunk. */
  #keep(rest: Uint8Array): void {
    if (rest.length > 0) this.#pieces = [rest]
    const head = readFrameHead(rest, 0)
    this.#missing = head ? head.itemAt + head.length - rest.length : 0
  }
}
