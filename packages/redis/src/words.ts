const ZERO = 48
const SPACE = ' '

/**
 * The words of an answer, read one after the other. Made into pieces, and those into numbers, they took a
 * client a tenth of all that a lock costs it.
 */
export class Words {
  readonly #text: string
  #at = 0

  /** As a client gives it: bytes or text, of ASCII. */
  constructor(answer: unknown) {
    this.#text = Buffer.isBuffer(answer) ? answer.toString('latin1') : String(answer)
  }

  /** Whether all have been read. */
  get isOver(): boolean {
    return this.#at >= this.#text.length
  }

  /** The next. */
  word(): string {
    const from = this.#at
    const space = this.#text.indexOf(SPACE, from)
    const to = space === -1 ? this.#text.length : space
    this.#at = to + 1
    return this.#text.slice(from, to)
  }

  /** The next, which is a number: digits, or what is none of them, `Infinity`. */
  number(): number {
    const text = this.#text
    let number = 0
    for (let at = this.#at; at < text.length; at++) {
      const digit = text.charCodeAt(at) - ZERO
      if (digit < 0 || digit > 9) {
        if (text[at] !== SPACE) return Number(this.word())
        this.#at = at + 1
        return number
      }
      number = number * 10 + digit
    }
    this.#at = text.length
    return number
  }
}
