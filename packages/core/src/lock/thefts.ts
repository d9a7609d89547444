import type { Clock } from '../clock.ts'

/**
 * Thefts that are known here before the grant that they end: the reply or push which grants a lease can
 * be overtaken by the push that it was stolen, or by the grant to a thief of this process.
 * Each is remembered for as long as such a grant may be on its way.
 */
export class Thefts {
  readonly #clock: Clock
  readonly #forMs: number
  readonly #deposed = new Set<string>()
  /** By key. */
  readonly #fences = new Map<string, number>()

  constructor(clock: Clock, forMs: number) {
    this.#clock = clock
    this.#forMs = forMs
  }

  /** The lease of `token` was stolen. */
  heard(token: string): void {
    this.#deposed.add(token)
    this.#later(() => this.#deposed.delete(token))
  }

  /** A steal of this process has got `key`: nothing that was granted before holds it any more. */
  committed(key: string, fence: number | undefined): void {
    if (fence === undefined || fence <= (this.#fences.get(key) ?? 0)) return
    this.#fences.set(key, fence)
    this.#later(() => {
      if (this.#fences.get(key) === fence) this.#fences.delete(key)
    })
  }

  /** What is granted by this has been stolen since. */
  undid(key: string, token: string, fence = Infinity): boolean {
    return this.#deposed.has(token) || fence < (this.#fences.get(key) ?? 0)
  }

  #later(forget: () => void): void {
    this.#clock.after(this.#forMs, forget, { background: true })
  }
}
