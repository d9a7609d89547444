/** One reply of the server: its line, and the data that the line announces. */
export interface WireReply {
  readonly line: string
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
  #announced: { readonly line: string; readonly dataBytes: number } | undefined
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
    const taken = this.#take(all, replies)
    this.#bytes = all.length - taken
    this.#chunks = this.#bytes === 0 ? [] : [all.subarray(taken)]
    return replies
  }

  /** How many of the bytes made `replies`. */
  #take(bytes: Buffer, replies: WireReply[]): number {
    let taken = 0
    // One character a byte, from `textFrom` on: all lines at once, and no data that is alone.
    let text = ''
    let textFrom = -1
    for (;;) {
      let step: number
      if (this.#announced) step = this.#takeData(bytes, taken, this.#announced, replies)
      else {
        if (textFrom < 0) {
          text = bytes.toString('latin1', taken)
          textFrom = taken
        }
        step = this.#takeLine(text, taken - textFrom, replies)
      }
      if (step === 0) return taken
      taken += step
    }
  }

  /** How many characters from `from` on made a line; 0 = more must come first. */
  #takeLine(text: string, from: number, replies: WireReply[]): number {
    this.#bytesAwaited = 0
    const end = text.indexOf(LINE_END, from)
    const length = (end < 0 ? text.length : end) - from
    if (length > LINE_BYTES_MAX) throw garbage()
    if (end < 0) return 0
    const line = text.slice(from, end)
    if (this.#value && firstWord(line) !== 'END') throw garbage()
    const dataBytes = announcedBytes(line)
    if (dataBytes !== undefined) this.#announced = { line, dataBytes }
    else replies.push(this.#value ?? { line })
    this.#value = undefined
    return length + LINE_END.length
  }

  /** As `#takeLine`, of bytes. */
  #takeData(
    bytes: Buffer,
    from: number,
    { line, dataBytes }: { readonly line: string; readonly dataBytes: number },
    replies: WireReply[],
  ): number {
    const end = from + dataBytes
    this.#bytesAwaited = dataBytes + LINE_END.length
    if (bytes.length < from + this.#bytesAwaited) return 0
    if (bytes.toString('latin1', end, end + LINE_END.length) !== LINE_END) throw garbage()
    this.#announced = undefined
    const reply = { line, data: bytes.subarray(from, end) }
    if (firstWord(line) === 'VALUE') this.#value = reply
    else replies.push(reply)
    return dataBytes + LINE_END.length
  }
}

/** Up to the first space. */
export function firstWord(line: string): string {
  const end = line.indexOf(' ')
  return end < 0 ? line : line.slice(0, end)
}

/** What the line says of the data behind it; `undefined` = there is none. */
function announcedBytes(line: string): number | undefined {
  if (!line.startsWith('VA')) return undefined
  const words = line.split(' ')
  const [verb] = words
  if (verb !== 'VA' && verb !== 'VALUE') return undefined
  const size = words[verb === 'VA' ? 1 : 3]
  if (!/^\d{1,10}$/.test(size ?? '')) throw garbage()
  return Number(size)
}

const garbage = () => new Error('memcached sent what is no reply')
