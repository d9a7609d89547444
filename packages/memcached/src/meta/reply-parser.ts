/** One reply of the server: its line, split at the spaces, and the data that the line announces. */
export interface WireReply {
  readonly words: readonly string[]
  readonly data?: Buffer
}

/** Longer than any line of the server's: a key has 250 bytes, an error a sentence. */
const LINE_BYTES_MAX = 4096
const LINE_END = '\r\n'

/**
 * Bytes of a connection to replies, whatever the pieces they arrive in. Reads `VA` and `VALUE` with
 * their data; a `VALUE` and the `END` behind it are one reply.
 */
export class ReplyParser {
  #chunks: Buffer[] = []
  #bytes = 0
  /** More than these are needed for the next step; spares copying a long value again and again. */
  #bytesAwaited = 0
  /** A line whose data comes next. */
  #announced: { readonly words: readonly string[]; readonly dataBytes: number } | undefined
  /** A `VALUE` whose `END` comes next. */
  #value: WireReply | undefined

  /**
   * The replies that `chunk` completes, in order.
   * @throws Error for what cannot be a reply. Nothing that comes after it means anything.
   */
  push(chunk: Buffer): readonly WireReply[] {
    this.#chunks.push(chunk)
    this.#bytes += chunk.length
    if (this.#bytes < this.#bytesAwaited) return []
    const all = this.#chunks.length === 1 ? chunk : Buffer.concat(this.#chunks, this.#bytes)
    const replies: WireReply[] = []
    let taken = 0
    for (;;) {
      const step = this.#step(all, taken, replies)
      if (step === 0) break
      taken += step
    }
    this.#bytes = all.length - taken
    this.#chunks = this.#bytes === 0 ? [] : [all.subarray(taken)]
    return replies
  }

  /** How many bytes from `from` on made a step, whose reply joins `replies`; 0 = more must come first. */
  #step(bytes: Buffer, from: number, replies: WireReply[]): number {
    this.#bytesAwaited = 0
    return this.#announced
      ? this.#takeData(bytes, from, replies)
      : this.#takeLine(bytes, from, replies)
  }

  #takeLine(bytes: Buffer, from: number, replies: WireReply[]): number {
    const end = bytes.indexOf(LINE_END, from)
    const length = (end < 0 ? bytes.length : end) - from
    if (length > LINE_BYTES_MAX) throw garbage()
    if (end < 0) return 0
    const words = bytes.toString('latin1', from, end).split(' ')
    if (this.#value && words[0] !== 'END') throw garbage()
    const dataBytes = announcedBytes(words)
    if (dataBytes !== undefined) this.#announced = { words, dataBytes }
    else replies.push(this.#value ?? { words })
    this.#value = undefined
    return length + LINE_END.length
  }

  #takeData(bytes: Buffer, from: number, replies: WireReply[]): number {
    const { words = [], dataBytes = 0 } = this.#announced ?? {}
    const end = from + dataBytes
    this.#bytesAwaited = dataBytes + LINE_END.length
    if (bytes.length < from + this.#bytesAwaited) return 0
    if (bytes.toString('latin1', end, end + LINE_END.length) !== LINE_END) throw garbage()
    this.#announced = undefined
    const reply = { words, data: bytes.subarray(from, end) }
    if (words[0] === 'VALUE') this.#value = reply
    else replies.push(reply)
    return dataBytes + LINE_END.length
  }
}

/** What the line says of the data behind it; `undefined` = there is none. */
function announcedBytes(words: readonly string[]): number | undefined {
  const [verb] = words
  if (verb !== 'VA' && verb !== 'VALUE') return undefined
  const size = words[verb === 'VA' ? 1 : 3]
  if (!/^\d{1,10}$/.test(size ?? '')) throw garbage()
  return Number(size)
}

const garbage = () => new Error('memcached sent what is no reply')
