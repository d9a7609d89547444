/**
 * Rejections that nobody has handled, since the last look. In a real process each of them is the end.
 */
export class Rejections {
  #reasons: unknown[] = []
  readonly #listen = (reason: unknown) => {
    this.#reasons.push(reason)
  }

  constructor() {
    process.on('unhandledRejection', this.#listen)
  }

  /** The first of them, which is then forgotten like the others. */
  take(): string | undefined {
    const [first] = this.#reasons
    const found = this.#reasons.length > 0
    this.#reasons = []
    return found ? String(first) : undefined
  }

  close(): void {
    process.off('unhandledRejection', this.#listen)
  }
}
