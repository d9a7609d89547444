/** One turn of a caller. Times are of `now()`. */
export interface Section {
  readonly caller: number
  /** Before `acquire()` was called. */
  readonly askedAtMs: number
  /** When it had resolved, or was waited for no longer. */
  readonly enteredAtMs: number
  /** Before `release()` was called; NaN of who never had it. */
  readonly leftAtMs: number
  /** NaN where there is none. */
  readonly fence: number
}

const FIELDS = 5
const SECTIONS_MIN = 1 << 18

/**
 * What the callers of a process did, as numbers in a row that was there before: an object per section
 * would keep the garbage collector busy, and its pauses would be measured as waiting.
 */
export class SectionLog {
  #numbers = new Float64Array(SECTIONS_MIN * FIELDS)
  #at = 0

  add(caller: number, asked: number, entered: number, left: number, fence: number): void {
    if (this.#at === this.#numbers.length) this.#grow()
    const at = this.#at
    const numbers = this.#numbers
    numbers[at] = caller
    numbers[at + 1] = asked
    numbers[at + 2] = entered
    numbers[at + 3] = left
    numbers[at + 4] = fence
    this.#at = at + FIELDS
  }

  clear(): void {
    this.#at = 0
  }

  /** To be sent to the process that judges. */
  toText(): string {
    const bytes = Buffer.from(this.#numbers.buffer, 0, this.#at * Float64Array.BYTES_PER_ELEMENT)
    return bytes.toString('base64')
  }

  static read(text: string): Section[] {
    const bytes = Uint8Array.from(Buffer.from(text, 'base64'))
    const numbers = new Float64Array(bytes.buffer)
    return Array.from({ length: numbers.length / FIELDS }, (_, at) => {
      const [caller = 0, askedAtMs = 0, enteredAtMs = 0, leftAtMs = 0, fence = 0] =
        numbers.subarray(at * FIELDS, (at + 1) * FIELDS)
      return { caller, askedAtMs, enteredAtMs, leftAtMs, fence }
    })
  }

  #grow(): void {
    const numbers = new Float64Array(2 * this.#numbers.length)
    numbers.set(this.#numbers)
    this.#numbers = numbers
  }
}
