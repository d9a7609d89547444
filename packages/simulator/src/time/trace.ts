/** The history of one schedule, as a running hash; as text too when somebody wants to read it. */
export class Trace {
  readonly lines: string[] | undefined
  #high = 0x811c9dc5
  #low = 0x9747b28c

  constructor(readable: boolean) {
    this.lines = readable ? [] : undefined
  }

  /** `who`: a client's id, -1 for the world. In parts, so that a run that nobody reads joins no text. */
  add(atMs: number, who: number, what: string, subject = '', detail = ''): void {
    this.#mix((atMs * 1000) | 0)
    this.#mix(who)
    this.#mixText(what)
    this.#mixText(subject)
    this.#mixText(detail)
    if (!this.lines) return
    const name = who < 0 ? '  ' : `c${who}`
    this.lines.push(
      `${atMs.toFixed(3).padStart(12)} ${name} ${what} ${subject} ${detail}`.trimEnd(),
    )
  }

  /** 16 hexadecimal digits. */
  get hash(): string {
    const hex = (half: number) => (half >>> 0).toString(16).padStart(8, '0')
    return hex(this.#high) + hex(this.#low)
  }

  #mix(value: number): void {
    this.#high = Math.imul(this.#high ^ value, 0x01000193)
    this.#low = Math.imul(this.#low ^ value ^ (this.#low >>> 15), 0x5bd1e995)
  }

  /** As `#mix` of each character; most of all that is mixed is text. */
  #mixText(text: string): void {
    let high = this.#high
    let low = this.#low
    for (let i = 0; i < text.length; i++) {
      const value = text.charCodeAt(i)
      high = Math.imul(high ^ value, 0x01000193)
      low = Math.imul(low ^ value ^ (low >>> 15), 0x5bd1e995)
    }
    this.#high = high
    this.#low = low
  }
}
